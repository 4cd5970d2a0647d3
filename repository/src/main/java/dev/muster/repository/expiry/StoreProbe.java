package dev.muster.repository.expiry;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.Set;

/**
 * What a store shows when a small object is created in it: its clock, and whether it refuses a second creation, without
 * which COMMIT decides nothing.
 *
 * @param createsOnce whether of two creations of one key the second was refused
 * @param now by the store's clock
 */
public record StoreProbe(boolean createsOnce, Instant now) {
    /** Below it lies nothing that a reader knows. */
    static final String PREFIX = "probe/";

    public static StoreProbe of(ObjectStore store) {
        String key = PREFIX + UlidCreator.getUlid();
        create(store, key);
        boolean once = false;
        try {
            create(store, key);
        } catch (ObjectExistsException refused) {
            once = true;
        }
        Instant now = store.find(key)
                .map(ObjectInfo::modified)
                .orElseThrow(() -> new StoreException(
                        "OBJECT_MISSING",
                        "The object " + key + " is not in " + store.url() + " just after it was created.",
                        "Does somebody else delete there, or does the store show what it has late? Expire nothing."));
        try {
            store.delete(key);
        } catch (StoreException e) {
            if (!Set.of("STORE_DENIED", "OBJECT_LOCKED").contains(e.code())) {
                throw e;
            }
        }
        return new StoreProbe(once, now);
    }

    private static void create(ObjectStore store, String key) {
        store.create(key, new ByteArrayInputStream(new byte[] {'?'}));
    }
}
