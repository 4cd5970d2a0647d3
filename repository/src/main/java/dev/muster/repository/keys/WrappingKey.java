package dev.muster.repository.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What wraps a repository's master keys, and so opens it: a key file, a passphrase or a key of a key service. */
public abstract sealed class WrappingKey permits KeyFile, Passphrase, KmsKey {
    WrappingKey() {}

    /**
     * The key that a reference names, which holds no secret itself: {@code file:/path}, {@code passphrase:env:NAME},
     * {@code passphrase:file:/path}, {@code local-kms:/path}, {@code aws-kms:ARN?region=R&endpoint=URL}.
     *
     * @throws RepositoryException KEY_REFERENCE_INVALID, and what reading the key throws. A key service is asked later
     */
    public static WrappingKey of(String reference) {
        return KeyReference.resolve(reference);
    }

    /** How it wraps, as slots name it. */
    public abstract String method();

    /** For messages, as in "the ... opens nothing"; without secrets. */
    public abstract String description();

    /** Where its secrets are on this machine; they must not lie in a store. */
    public abstract List<Path> files();

    /** Whether the slot says that it is for this key; for a passphrase, whether it may be. Decides nothing secret. */
    abstract boolean mayOpen(KeySlot slot);

    /** Whether a slot that says it is for this key and does not open must be damaged. */
    abstract boolean certain();

    /** What tells its slots from others of the method, for their names: a-z, 0-9. */
    abstract String label(ObjectNode fields);

    /** Adds what is needed to unwrap the secret again to the slot's fields. */
    abstract void wrap(ObjectNode fields, Secret secret, SlotBinding binding);

    /**
     * @return empty if this is not what was wrapped with this key for that slot
     * @throws RepositoryException KMS_UNREACHABLE, KMS_DENIED, KMS_KEY_UNUSABLE; PASSPHRASE_COST_REFUSED
     */
    abstract Optional<Secret> unwrap(ObjectNode fields, SlotBinding binding);

    @Override
    public final String toString() {
        return description();
    }
}
