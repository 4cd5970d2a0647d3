package dev.muster.repository.frames;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 as every Java runtime has it. */
public final class Sha256 {
    private Sha256() {}

    public static MessageDigest instance() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }

    public static ContentHash hash(byte[] bytes) {
        return ContentHash.of(instance().digest(bytes));
    }
}
