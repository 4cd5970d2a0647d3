package dev.muster.activities.stores;

import dev.muster.activities.Heartbeats;
import dev.muster.repository.verification.VerifiedObjects;
import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Tells how far the look at every byte is, and ends it when nobody waits for it any more. */
final class WatchedObjects implements VerifiedObjects {
    private final VerifiedObjects state;
    private final Heartbeats heartbeats;
    private final AtomicLong sound = new AtomicLong();

    WatchedObjects(VerifiedObjects state, Heartbeats heartbeats) {
        this.state = state;
        this.heartbeats = heartbeats;
    }

    @Override
    public Reading read() {
        return state.read();
    }

    @Override
    public void verified(ObjectInfo object, Instant time) {
        state.verified(object, time);
        heartbeats.progress("verifying content: " + sound.incrementAndGet() + " objects are sound");
        heartbeats.check();
    }

    @Override
    public void unsound(ObjectInfo object) {
        state.unsound(object);
        heartbeats.check();
    }

    @Override
    public void close() {
        state.close();
    }
}
