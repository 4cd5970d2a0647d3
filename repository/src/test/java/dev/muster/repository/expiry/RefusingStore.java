package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import java.util.function.Predicate;

/** A store that lets some objects not be deleted, as one does whose lock has not ended. */
final class RefusingStore extends StoreWrapper {
    private final Predicate<String> refused;

    RefusingStore(ObjectStore store, Predicate<String> refused) {
        super(store);
        this.refused = refused;
    }

    @Override
    public void delete(String key) {
        if (refused.test(key)) {
            throw new StoreException("STORE_DENIED", "No permission to delete " + key + ".", "Is it locked?");
        }
        super.delete(key);
    }
}
