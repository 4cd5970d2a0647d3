package dev.muster.repository.encryption;

import java.util.Optional;

/** The master keys that are open. */
public interface MasterKeys {
    /** @param kid 32 lower-case hexadecimal digits */
    Optional<MasterKey> find(String kid);

    /** The key that a new object is encrypted under. */
    MasterKey forWriting(String objectKey);
}
