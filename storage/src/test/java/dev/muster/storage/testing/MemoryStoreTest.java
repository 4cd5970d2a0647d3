package dev.muster.storage.testing;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;

/** What is proved with the store in memory holds for the others only if it keeps the same contract. */
class MemoryStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore emptyStore() {
        return new MemoryStore("contract");
    }
}
