package dev.muster.repository.work;

import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.retry.Retries;
import java.io.IOException;

/** Tells a store that is away, of whose objects then nothing is known, from an object that cannot be read. */
public final class StoreAnswers {
    private static final String ANY = "repo.json";

    private StoreAnswers() {}

    /** Whether it failed in a way in which all fails when the store is away. */
    public static boolean mayBeAway(RuntimeException failure) {
        return (failure instanceof StoreException store && away(store))
                || (failure instanceof RepositoryException && failure.getCause() instanceof IOException)
                || (failure instanceof RepositoryException
                        && failure.getCause() instanceof StoreException store
                        && away(store));
    }

    private static boolean away(StoreException failure) {
        return Retries.transitory(failure) || failure.code().equals("STORE_MISSING");
    }

    /** @throws StoreException if it does not: what failed in it says nothing of what it holds */
    public static void require(ObjectStore store) {
        var unused = store.find(ANY);
    }
}
