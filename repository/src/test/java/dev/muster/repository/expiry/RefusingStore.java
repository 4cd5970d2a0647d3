package dev.muster.repository.expiry;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store that lets some objects not be deleted, as one does whose lock has not ended. */
record RefusingStore(ObjectStore store, Predicate<String> refused) implements ObjectStore {
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
        return store.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        store.list(prefix, each);
    }

    @Override
    public void delete(String key) {
        if (refused.test(key)) {
            throw new StoreException("STORE_DENIED", "No permission to delete " + key + ".", "Is it locked?");
        }
        store.delete(key);
    }
}
