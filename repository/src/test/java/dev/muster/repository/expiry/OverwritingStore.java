package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreWrapper;

/** A store that ignores the wish to create only, as some do: a second creation replaces the first. */
final class OverwritingStore extends StoreWrapper {
    OverwritingStore(ObjectStore store) {
        super(store);
    }

    @Override
    public ObjectWriter create(String key) {
        delete(key);
        return super.create(key);
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        delete(key);
        return super.create(key, retention);
    }
}
