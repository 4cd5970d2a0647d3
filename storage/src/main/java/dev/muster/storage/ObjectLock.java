package dev.muster.storage;

import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Objects that nobody can remove or rewrite before a time, whatever credentials he has. A lock protects versions: a
 * deleted object hides behind a delete marker, and its locked version is still there for whoever asks for it. Every
 * method throws {@link StoreException} as {@link ObjectStore} does, and STORE_UNSUPPORTED where the store has no locks.
 */
public interface ObjectLock {
    /**
     * Until when the newest version is locked, by the store's clock; empty if it is not.
     *
     * @throws ObjectMissingException if there is no such object, or it hides behind a delete marker
     */
    Optional<Instant> lockedUntil(String key);

    /**
     * Locks the newest version until then. A lock that lasts longer already stays as it is.
     *
     * @throws ObjectMissingException if there is no such object, or it hides behind a delete marker
     */
    void extend(String key, Instant until);

    /**
     * Tells of every version and delete marker of every object whose key begins with the prefix, in the order of the
     * keys, of each the newest first.
     */
    void versions(String prefix, Consumer<ObjectVersion> each);

    /**
     * A version, whole, also one behind a delete marker.
     *
     * @throws ObjectMissingException if there is no such version
     */
    InputStream open(ObjectVersion version);

    /**
     * Exactly {@code length} bytes of a version from {@code offset}, also of one behind a delete marker.
     *
     * @throws ObjectMissingException if there is no such version
     * @throws StoreException OBJECT_TOO_SHORT
     */
    InputStream open(ObjectVersion version, long offset, long length);

    /** For how long this store locks a new object where nobody says anything else. */
    Duration time();

    /**
     * How far the store's clock is ahead of this machine's; negative if it is behind. Locks end by the store's, and one that
     * was made by a clock that is years ahead cannot be taken back.
     */
    Duration skew();

    /**
     * Until when a version is locked; empty if it is not.
     *
     * @throws ObjectMissingException if there is no such version
     */
    Optional<Instant> lockedUntil(ObjectVersion version);

    /**
     * Locks a version until then, also one behind a delete marker. A lock that lasts longer already stays as it is.
     *
     * @throws ObjectMissingException if there is no such version
     */
    void extend(ObjectVersion version, Instant until);
}
