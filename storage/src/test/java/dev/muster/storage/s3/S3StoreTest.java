package dev.muster.storage.s3;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.S3Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class S3StoreTest extends ObjectStoreContract {
    @SuppressWarnings("NullAway.Init") // set before all tests
    private static S3Server server;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static String bucket;

    @BeforeAll
    static void start() {
        server = S3Server.start();
        bucket = server.bucket(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected ObjectStore emptyStore() {
        return Stores.open(server.url(bucket));
    }
}
