package dev.muster.repository.locks;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.S3Server;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** On a real server. */
class LocksOnVersitygwTest extends LockedRepositoryContract {
    private static Optional<S3Server> server = Optional.empty();
    private static String bucket = "";

    private String url = "";

    @BeforeAll
    static void start() {
        server = S3Server.startVersitygw();
        Assumptions.assumeTrue(server.isPresent(), "versitygw is not on the PATH");
        bucket = server.orElseThrow().bucket(true);
    }

    @AfterAll
    static void stop() {
        server.ifPresent(S3Server::close);
    }

    @Override
    ObjectStore store(int days) {
        if (url.isEmpty()) {
            url = server.orElseThrow().url(bucket);
        }
        return Stores.open(url + "&lock=governance&lock-days=" + days);
    }

    @Override
    void writeOver(String objectKey, byte[] bytes) {
        server.orElseThrow().writeOver(url, objectKey, bytes);
    }
}
