package dev.muster.repository.stores;

import dev.muster.storage.azure.Azurite;
import dev.muster.storage.testing.Thorough;
import java.util.concurrent.atomic.AtomicInteger;

@Thorough
class AzureEngineTest extends EngineContract {
    private static final AtomicInteger CONTAINERS = new AtomicInteger();

    @Override
    protected String emptyStore() {
        Azurite server = Azurite.running();
        String name = "engine-" + CONTAINERS.incrementAndGet();
        server.container(name).create();
        return server.url(server.port(), name + "/backups", "&part-size=1MiB&account-key=file:" + server.keyFile())
                .replace("retries=3", "retries=0");
    }
}
