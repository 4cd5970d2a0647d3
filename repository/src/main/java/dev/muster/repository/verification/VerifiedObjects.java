package dev.muster.repository.verification;

import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.Optional;

/**
 * When each object of one store was last found sound, as it was stored then: what has another size or time of storing since
 * is another object, such as one that was brought back from elsewhere, and was not looked at yet. It is asked and written in the order of keys, so that neither a file
 * nor a table has to be held in memory. Losing it costs nothing but looking at everything anew.
 */
public interface VerifiedObjects extends AutoCloseable {
    /** Begins to ask for all objects; one at a time. */
    Reading read();

    /**
     * The object was found sound. Kept also if the process dies soon after. Thread-safe; not while a reading is open.
     *
     * @throws dev.muster.repository.RepositoryException VERIFY_STATE_UNUSABLE
     */
    void verified(ObjectInfo object, Instant time);

    /**
     * The object is not sound: it counts as never looked at from now on, however old its last sound look is, until it is
     * found sound again. As {@link #verified}.
     */
    void unsound(ObjectInfo object);

    @Override
    void close();

    /** One pass. */
    interface Reading extends AutoCloseable {
        /** @param object whose key is behind all that this pass was asked for before */
        Optional<Instant> verifiedAt(ObjectInfo object);

        /** The pass was complete: what it was not asked for is gone, and is forgotten. */
        void end();

        @Override
        void close();
    }
}
