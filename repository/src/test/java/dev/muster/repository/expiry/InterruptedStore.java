package dev.muster.repository.expiry;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;

/** A store before whose creations others get their turn. */
record InterruptedStore(ObjectStore store, Consumer<String> beforeCreate) implements ObjectStore {
    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        beforeCreate.accept(key);
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
