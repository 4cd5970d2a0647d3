package dev.muster.repository.stores;

import dev.muster.storage.gcs.FakeGcs;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

@Thorough
class GcsEngineTest extends EngineContract {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @Override
    protected String emptyStore() throws IOException {
        FakeGcs server = FakeGcs.running();
        String bucket = "engine-" + BUCKETS.incrementAndGet();
        server.create(bucket);
        return FakeGcs.url(server.port(), bucket + "/backups", "&part-size=1MiB&credentials=none")
                .replace("retries=3", "retries=0");
    }
}
