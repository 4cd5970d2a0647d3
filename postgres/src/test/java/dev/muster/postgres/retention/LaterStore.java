package dev.muster.postgres.retention;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A store whose clock is ahead of this machine's. */
record LaterStore(ObjectStore store, Duration by) implements ObjectStore {
    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        return store.create(key);
    }

    @Override
    public InputStream open(String key) {
        return store.open(key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return store.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return store.find(key)
                .map(info ->
                        new ObjectInfo(info.key(), info.size(), info.modified().plus(by)));
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        store.list(prefix, info -> each.accept(later(info)));
    }

    private ObjectInfo later(ObjectInfo info) {
        return new ObjectInfo(info.key(), info.size(), info.modified().plus(by));
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }
}
