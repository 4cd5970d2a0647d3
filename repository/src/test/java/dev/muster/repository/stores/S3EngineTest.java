package dev.muster.repository.stores;

import dev.muster.storage.testing.S3Server;

class S3EngineTest extends EngineContract {
    @Override
    protected String emptyStore() {
        S3Server server = S3Server.shared();
        return server.url(server.bucket(false)) + "&part-size=5MiB&retries=0";
    }
}
