package dev.muster.storage.s3;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.S3Server;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

class VersitygwTest extends ObjectStoreContract {
    private static Optional<S3Server> server = Optional.empty();
    private static String bucket = "";

    @BeforeAll
    static void start() {
        server = S3Server.startVersitygw();
        Assumptions.assumeTrue(server.isPresent(), "versitygw is not on the PATH");
        bucket = server.orElseThrow().bucket(false);
    }

    @AfterAll
    static void stop() {
        server.ifPresent(S3Server::close);
    }

    @Override
    protected ObjectStore emptyStore() {
        return Stores.open(server.orElseThrow().url(bucket));
    }
}
