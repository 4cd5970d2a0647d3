package dev.muster.storage.check;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreWrapper;
import java.util.concurrent.atomic.AtomicInteger;

/** A store like a server that knows no conditions: the last one wins. */
final class Overwriting extends StoreWrapper {
    private final AtomicInteger number = new AtomicInteger();

    Overwriting(ObjectStore store) {
        super(store);
    }

    @Override
    public ObjectWriter create(String key) {
        // Elsewhere until it is committed, since the store below would refuse it at once.
        String elsewhere = key + ".replacing-" + number.incrementAndGet();
        ObjectWriter writer = store.create(elsewhere);
        return new ObjectWriter() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                writer.write(bytes, offset, length);
            }

            @Override
            public void commit() {
                writer.commit();
                replace(elsewhere, key);
            }

            @Override
            public void close() {
                writer.close();
            }
        };
    }

    private synchronized void replace(String elsewhere, String key) {
        store.delete(key);
        try {
            store.create(key, store.open(elsewhere));
        } catch (ObjectExistsException e) {
            throw new IllegalStateException(e);
        }
        store.delete(elsewhere);
    }
}
