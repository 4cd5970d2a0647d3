package dev.muster.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.S3Server;
import dev.muster.storage.testing.Thorough;
import dev.muster.storage.testing.Toxiproxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a network that is slow, cuts connections, or swallows what is sent. */
@Thorough
@Timeout(120)
class BadNetworkTest extends ObjectStoreContract {
    private static final String QUICK =
            "&connect-timeout=1s&read-timeout=500ms&call-timeout=1s&retries=2&part-size=5MiB";

    private static Optional<Toxiproxy> proxy = Optional.empty();
    private static String bucket = "";

    @BeforeAll
    static void start() {
        proxy = Toxiproxy.before(S3Server.shared().port());
        Assumptions.assumeTrue(proxy.isPresent(), "toxiproxy-server is not on the PATH");
        bucket = S3Server.shared().bucket(false);
    }

    @AfterAll
    static void stop() {
        proxy.ifPresent(Toxiproxy::close);
    }

    /** The contract holds over a network with some latency whose connections break every now and then. */
    @Override
    protected ObjectStore emptyStore() {
        network().add("latency", "downstream", 1, "{\"latency\":2,\"jitter\":2}");
        network().add("limit_data", "downstream", 0.3, "{\"bytes\":150000}");
        return Stores.open(url() + "&retries=10");
    }

    @Override
    protected int many() {
        return 20;
    }

    @Override
    protected boolean decidesRaces() {
        return false;
    }

    @AfterEach
    void heal() {
        network().enable(true);
        network().heal();
    }

    @Test
    @DisplayName("Repository and stores 3: a server that takes content and never answers is STORE_UNREACHABLE, in time")
    void swallowed() {
        network().heal();
        ObjectStore quick = Stores.open(url() + QUICK);
        network().add("timeout", "upstream", 1, "{\"timeout\":0}");
        long start = System.nanoTime();
        assertCode("STORE_UNREACHABLE", () -> quick.create("a", new ByteArrayInputStream(new byte[1000])));
        assertCode("STORE_UNREACHABLE", () -> quick.find("a"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        network().heal();
        assertThat(quick.find("a")).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 3: an upload in parts over a dead line ends in time, and nothing of it is visible")
    void deadLine() {
        network().heal();
        ObjectStore quick = Stores.open(url() + QUICK + "&parallel=2");
        byte[] piece = new byte[6 << 20];
        assertThatThrownBy(() -> {
                    try (ObjectWriter writer = quick.create("a")) {
                        writer.write(piece, 0, piece.length);
                        network().add("timeout", "upstream", 1, "{\"timeout\":0}");
                        for (int i = 0; i < 20; i++) {
                            writer.write(piece, 0, piece.length);
                        }
                        writer.commit();
                    }
                })
                .isInstanceOf(StoreException.class);
        network().heal();
        assertThat(quick.find("a")).isEmpty();
        quick.create("a", new ByteArrayInputStream(piece));
        assertThat(quick.find("a")).isPresent();
    }

    @Test
    @DisplayName("Repository and stores 3: a read over connections that are cut every so many bytes comes whole")
    void cutReads() throws IOException {
        network().heal();
        ObjectStore wellBehaved = Stores.open(url());
        byte[] content = new byte[3_000_000];
        new Random(5).nextBytes(content);
        wellBehaved.create("a", new ByteArrayInputStream(content));
        network().add("limit_data", "downstream", 1, "{\"bytes\":400000}");
        try (InputStream read = wellBehaved.open("a")) {
            assertThat(read.readAllBytes()).isEqualTo(content);
        }
        try (InputStream read = wellBehaved.open("a", 1_000_000, 1_500_000)) {
            assertThat(read.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(content, 1_000_000, 2_500_000));
        }
    }

    @Test
    @DisplayName("A read may take longer than any time-out, as long as bytes come")
    void slowRead() throws IOException {
        network().heal();
        ObjectStore quick = Stores.open(url() + QUICK);
        byte[] content = new byte[1_500_000];
        new Random(6).nextBytes(content);
        quick.create("a", new ByteArrayInputStream(content));
        network().add("bandwidth", "downstream", 1, "{\"rate\":500}");
        long start = System.nanoTime();
        try (InputStream read =
                Stores.open(quick.url().replace("retries=2", "retries=0")).open("a")) {
            assertThat(read.readAllBytes()).isEqualTo(content);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    @DisplayName("Where no connection comes about, everything says so")
    void refused() {
        ObjectStore quick = Stores.open(url() + QUICK);
        network().enable(false);
        assertCode("STORE_UNREACHABLE", () -> quick.find("a"));
        assertCode("STORE_UNREACHABLE", () -> quick.list("", info -> {}));
        assertCode("STORE_UNREACHABLE", () -> quick.open("a").close());
        assertCode("STORE_UNREACHABLE", () -> quick.delete("a"));
        assertCode("STORE_UNREACHABLE", () -> quick.create("a", new ByteArrayInputStream(new byte[1])));
    }

    private static Toxiproxy network() {
        return proxy.orElseThrow();
    }

    private static String url() {
        return S3Server.shared().url(bucket, network().port());
    }
}
