package dev.muster.storage;

import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;

/** A store that passes everything on, for those that change one thing about another store. */
public abstract class StoreWrapper implements ObjectStore {
    protected final ObjectStore store;

    protected StoreWrapper(ObjectStore store) {
        this.store = store;
    }

    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        return store.create(key);
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return store.create(key, retention);
    }

    @Override
    public Optional<ObjectLock> lock() {
        return store.lock();
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
        return store.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        store.list(prefix, each);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }
}
