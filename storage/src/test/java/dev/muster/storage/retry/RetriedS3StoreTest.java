package dev.muster.storage.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.s3.S3Store;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.S3Server;
import dev.muster.storage.testing.Thorough;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Repository and stores 3: with a third of all requests failing, a bucket keeps the contract. */
@Thorough
class RetriedS3StoreTest extends ObjectStoreContract {
    private static String bucket = "";

    private static int faults;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FaultyStore faulty;

    @BeforeAll
    static void start() {
        bucket = S3Server.shared().bucket(false);
    }

    @Override
    protected ObjectStore emptyStore() {
        StoreUrl url = StoreUrl.parse(S3Server.shared().url(bucket));
        faulty = new FaultyStore(S3Store.open(url, Retries.none()), FaultyStore.random(url.hashCode(), 0.33, 4));
        return new RetryingStore(faulty, InstantTime.retries(20));
    }

    @Override
    protected int many() {
        return 40;
    }

    @Override
    protected boolean decidesRaces() {
        return false;
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
