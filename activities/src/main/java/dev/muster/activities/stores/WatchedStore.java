package dev.muster.activities.stores;

import dev.muster.activities.Heartbeats;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreWrapper;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A store that is read only as long as somebody waits for what is found in it. It goes below the repository's own view of
 * object locks, which tells what it finds behind delete markers.
 */
final class WatchedStore extends StoreWrapper {
    private static final int EACH = 1_000;

    private final Heartbeats heartbeats;
    private final AtomicLong listed = new AtomicLong();

    WatchedStore(ObjectStore store, Heartbeats heartbeats) {
        super(store);
        this.heartbeats = heartbeats;
    }

    @Override
    public InputStream open(String key) {
        heartbeats.check();
        return super.open(key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        heartbeats.check();
        return super.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        heartbeats.check();
        return super.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        heartbeats.check();
        super.list(prefix, object -> {
            if (listed.incrementAndGet() % EACH == 0) {
                heartbeats.check();
            }
            each.accept(object);
        });
    }
}
