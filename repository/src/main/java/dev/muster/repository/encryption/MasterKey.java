package dev.muster.repository.encryption;

import java.nio.charset.StandardCharsets;

/**
 * A random secret of 256 bits that all of an object's keys are derived from, and its id.
 *
 * @param kid 32 lower-case hexadecimal digits
 */
public record MasterKey(String kid, Secret secret) {
    public MasterKey {
        if (!kid.matches("[0-9a-f]{32}")) {
            throw new IllegalArgumentException("Not a key id: " + kid);
        }
    }

    /** A key for another purpose than an object's content. */
    public byte[] derive(String purpose) {
        return Hkdf.derive(secret.bytes(), new byte[0], purpose.getBytes(StandardCharsets.UTF_8), Secret.LENGTH);
    }
}
