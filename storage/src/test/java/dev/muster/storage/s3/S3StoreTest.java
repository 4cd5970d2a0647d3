package dev.muster.storage.s3;

import dev.muster.storage.testing.S3Server;
import org.junit.jupiter.api.BeforeAll;

/** On S3Mock. Its paging and its races are tried with other servers: {@link S3AnswersTest}, {@link VersitygwTest}. */
class S3StoreTest extends S3Contract {
    private static String bucket = "";

    @BeforeAll
    static void start() {
        bucket = S3Server.shared().bucket(false);
    }

    @Override
    S3Server server() {
        return S3Server.shared();
    }

    @Override
    String bucket() {
        return bucket;
    }

    /** It takes a hundredth of a second and more for each. */
    @Override
    protected int many() {
        return Boolean.getBoolean("muster.thorough.tests") ? super.many() : 20;
    }

    @Override
    boolean abortsLeaveObjects() {
        return false;
    }

    @Override
    protected boolean decidesRaces() {
        return false;
    }
}
