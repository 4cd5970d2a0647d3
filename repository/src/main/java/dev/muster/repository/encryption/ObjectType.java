package dev.muster.repository.encryption;

import java.util.Arrays;
import java.util.Optional;

/** What an encrypted object is. Its code stands in the envelope, its label is bound into the encryption. */
public enum ObjectType {
    PACK(1, "pack"),
    MAP(2, "map"),
    MANIFEST(3, "manifest"),
    COMMIT(4, "commit"),
    LEASE(5, "lease"),
    WAL_SEGMENT(6, "wal-segment"),
    WAL_PART(7, "wal-part"),
    WAL_HISTORY(8, "wal-history"),
    KEEP(9, "keep"),
    EXPIRE(10, "expire"),
    REVOKE(11, "revoke"),
    READ(12, "read");

    private final int code;
    private final String label;

    ObjectType(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** 1 to 255. */
    public int code() {
        return code;
    }

    public String label() {
        return label;
    }

    public static Optional<ObjectType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
