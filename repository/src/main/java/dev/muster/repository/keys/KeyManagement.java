package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service that encrypts with a key that it does not give out. Thread-safe. Its methods throw {@link RepositoryException}
 * with KMS_UNREACHABLE if it may help to try again later, KMS_DENIED if it does not know or let in the caller, and
 * KMS_KEY_UNUSABLE if the key is missing, disabled or of another kind.
 */
public interface KeyManagement {
    /** As slots name it: a-z and -. */
    String method();

    /** The key's full name there, for slots. */
    String key();

    /** For messages. */
    String description();

    /** Where its secrets are on this machine, if any are. */
    List<Path> files();

    /** Whether a name in a slot means this key. No other is ever asked to decrypt: slots are not trusted. */
    boolean isKey(String name);

    /** @param context needed again to decrypt; not secret, and may be logged there */
    byte[] encrypt(byte[] plain, Map<String, String> context);

    /** @return empty if it is not what was encrypted with this key and context */
    Optional<byte[]> decrypt(byte[] encrypted, Map<String, String> context);
}
