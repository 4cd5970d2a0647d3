package dev.muster.postgres.walscan;

import dev.muster.postgres.PostgresException;
import java.util.Locale;

/** The layout of WAL pages by major version of PostgreSQL, told apart by the magic number of each page. */
public enum WalFormat {
    POSTGRES_14(0xD10D, 14),
    POSTGRES_15(0xD110, 15),
    POSTGRES_16(0xD113, 16),
    POSTGRES_17(0xD116, 17),
    POSTGRES_18(0xD118, 18);

    /** Bytes of a WAL page; other sizes need a PostgreSQL built otherwise, and are refused. */
    static final int PAGE = 8192;

    static final int SHORT_HEADER = 24;
    static final int LONG_HEADER = 40;
    static final int FIRST_IS_CONTINUATION = 0x01;
    static final int HAS_LONG_HEADER = 0x02;
    static final int FIRST_IS_OVERWRITE = 0x08;
    static final int KNOWN_FLAGS = 0x0F;

    private final int magic;
    private final int majorVersion;

    WalFormat(int magic, int majorVersion) {
        this.magic = magic;
        this.majorVersion = majorVersion;
    }

    public int majorVersion() {
        return majorVersion;
    }

    int magic() {
        return magic;
    }

    boolean atLeast(int version) {
        return majorVersion >= version;
    }

    static boolean isKnown(int magic) {
        for (WalFormat format : values()) {
            if (format.magic == magic) {
                return true;
            }
        }
        return false;
    }

    /** @throws PostgresException WAL_VERSION_UNKNOWN for WAL of a version that this program cannot read */
    static WalFormat of(int magic) {
        for (WalFormat format : values()) {
            if (format.magic == magic) {
                return format;
            }
        }
        throw new PostgresException(
                "WAL_VERSION_UNKNOWN",
                String.format(Locale.ROOT, "WAL pages carry the magic number %04X, which is not known", magic),
                "WAL of PostgreSQL 14 to 18 can be read. Which version wrote this?");
    }
}
