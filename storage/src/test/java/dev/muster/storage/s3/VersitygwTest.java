package dev.muster.storage.s3;

import dev.muster.storage.testing.S3Server;
import dev.muster.storage.testing.Thorough;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/** On versitygw, whose listings are quick enough for several pages. */
@Thorough
class VersitygwTest extends S3Contract {
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
    S3Server server() {
        return server.orElseThrow();
    }

    @Override
    String bucket() {
        return bucket;
    }

    /** It looks, and links or renames then. */
    @Override
    protected boolean decidesRaces() {
        return false;
    }
}
