package dev.muster.storage.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.local.LocalStore;
import dev.muster.storage.testing.FaultyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Repository and stores 3: with a third of all requests failing, a store keeps its contract. */
class RetriedLocalStoreTest extends ObjectStoreContract {
    @TempDir
    private Path directory;

    private static int faults;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FaultyStore faulty;

    @Override
    protected ObjectStore emptyStore() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("store"));
        faulty = new FaultyStore(LocalStore.open(folder), FaultyStore.random(folder.hashCode(), 0.33, 4));
        return new RetryingStore(faulty, InstantTime.retries(20));
    }

    @Override
    protected int many() {
        return 100;
    }

    @AfterEach
    void count() {
        faults += faulty.faults();
    }

    @AfterAll
    static void muchFailed() {
        assertThat(faults).isGreaterThan(50);
    }
}
