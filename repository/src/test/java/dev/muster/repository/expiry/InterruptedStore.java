package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreWrapper;
import java.util.function.Consumer;

/** A store before whose creations others get their turn. */
final class InterruptedStore extends StoreWrapper {
    private final Consumer<String> beforeCreate;

    InterruptedStore(ObjectStore store, Consumer<String> beforeCreate) {
        super(store);
        this.beforeCreate = beforeCreate;
    }

    @Override
    public ObjectWriter create(String key) {
        beforeCreate.accept(key);
        return super.create(key);
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        beforeCreate.accept(key);
        return super.create(key, retention);
    }
}
