package dev.muster.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.check.CheckReport;
import dev.muster.storage.check.StoreCheck;
import dev.muster.storage.check.Verdict;
import dev.muster.storage.testing.CuttingProxy;
import dev.muster.storage.testing.Thorough;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every driver of a store behind a network must do beside {@link ObjectStoreContract}: the network loses things. */
public abstract class NetworkStoreContract extends ObjectStoreContract {
    /** A driver's parts in these tests. */
    protected static final int PART = 1 << 20;

    protected static final String KEY = "cut/here";

    /** Of one request, with the setting retries=3 that these stores' URLs have. */
    public static final int TRIES = 4;

    /** The port of the server behind the stores. */
    protected abstract int serverPort();

    /** The same store as {@link #store}, at another port, with parts of one MiB. */
    protected abstract ObjectStore atPort(int port);

    /** In the text of the request that commits an object in one part; and in several. */
    protected abstract String smallCommit();

    protected abstract String largeCommit();

    /** {@link #store}, with parts that fit several times into 64 MB. */
    protected String frugalUrl() {
        return store.url();
    }

    protected static byte[] random(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }

    @Test
    @DisplayName("An object of many parts comes back as it was written, and by ranges across them")
    void manyParts() throws IOException {
        for (int size : new int[] {PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 77_777}) {
            byte[] content = random(size);
            ObjectStore small = atPort(serverPort());
            small.create("many/" + size, new ByteArrayInputStream(content));
            assertThat(read(small.open("many/" + size))).isEqualTo(content);
            assertThat(read(small.open("many/" + size, PART - 10, size - PART + 9)))
                    .isEqualTo(Arrays.copyOfRange(content, PART - 10, size - 1));
            assertThat(small.find("many/" + size))
                    .hasValueSatisfying(info -> assertThat(info.size()).isEqualTo(size));
        }
    }

    @Test
    @DisplayName("Parts that were sent are not visible before the commit, nor after the writer gave up")
    void partsInvisible() {
        ObjectStore small = atPort(serverPort());
        try (ObjectWriter writer = small.create(KEY)) {
            writer.write(random(4 * PART), 0, 4 * PART);
            assertThat(keys("")).isEmpty();
            assertThat(store.find(KEY)).isEmpty();
        }
        assertThat(keys("")).isEmpty();
        assertCode("OBJECT_MISSING", () -> store.open(KEY).close());
    }

    @Test
    @DisplayName("Of two creators who send many parts of one object, one wins and nothing of the other is in it")
    void twoCreatorsOfManyParts() throws Exception {
        ObjectStore small = atPort(serverPort());
        List<byte[]> contents = new ArrayList<>();
        List<Future<Boolean>> creators = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 2; i++) {
                byte[] content = new byte[4 * PART + i];
                Arrays.fill(content, (byte) (i + 1));
                contents.add(content);
                creators.add(executor.submit(() -> {
                    try {
                        small.create(KEY, new ByteArrayInputStream(content));
                        return true;
                    } catch (ObjectExistsException e) {
                        return false;
                    }
                }));
            }
            int winner = creators.get(0).get() ? 0 : 1;
            assertThat(creators.get(1).get()).isEqualTo(winner == 1);
            assertThat(read(store.open(KEY))).isEqualTo(contents.get(winner));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @DisplayName("An object that is there stays as it is when somebody sends many parts for its name")
    void existingKey() throws IOException {
        put(KEY, "first");
        byte[] content = random(3 * PART);
        Assertions.assertThatThrownBy(() -> atPort(serverPort()).create(KEY, new ByteArrayInputStream(content)))
                .isInstanceOf(ObjectExistsException.class);
        assertThat(read(store.open(KEY))).hasSize(5);
    }

    @Test
    @DisplayName("Repository and stores 3: a read goes on where its connection was cut, and never ends short")
    void continuedAfterACut() throws IOException {
        byte[] content = random(4 * PART);
        store.create(KEY, new ByteArrayInputStream(content));
        try (CuttingProxy proxy = new CuttingProxy(serverPort())) {
            ObjectStore cutting = atPort(proxy.port());
            proxy.cutAnswers("GET /", PART, 2);
            assertThat(read(cutting.open(KEY))).isEqualTo(content);
            assertThat(proxy.cuts()).isEqualTo(2);
            proxy.cutAnswers("GET /", PART / 2, 3);
            assertThat(read(cutting.open(KEY, 1000, 2 * PART)))
                    .isEqualTo(Arrays.copyOfRange(content, 1000, 1000 + 2 * PART));
            assertThat(proxy.cuts()).isEqualTo(5);
        }
    }

    @Test
    @DisplayName("A read whose connection is cut again and again ends with an error, not with what arrived")
    void cutForEver() throws IOException {
        store.create(KEY, new ByteArrayInputStream(random(PART)));
        try (CuttingProxy proxy = new CuttingProxy(serverPort())) {
            ObjectStore cutting = atPort(proxy.port());
            proxy.cutAnswers("GET /", PART / 2, 1);
            try (InputStream stream = cutting.open(KEY, 0, PART)) {
                proxy.cutAnswers("GET /", 0, Integer.MAX_VALUE);
                Assertions.assertThatThrownBy(() -> stream.readNBytes(PART))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(KEY);
                // As often as the URL says; the JDK repeats once each that got no byte of an answer.
                assertThat(proxy.cuts()).isBetween(TRIES, 2 * TRIES - 1);
            }
        }
    }

    @Test
    @DisplayName(
            "A question that nobody answers is asked as often as the URL says: no layer multiplies another's attempts")
    void notMultiplied() throws IOException {
        put(KEY, "x");
        try (CuttingProxy proxy = new CuttingProxy(serverPort())) {
            ObjectStore cutting = atPort(proxy.port());
            List<ThrowingCallable> questions =
                    List.of(() -> cutting.find(KEY), () -> cutting.list("", info -> {}), () -> cutting.delete(KEY));
            for (ThrowingCallable question : questions) {
                int before = proxy.cuts();
                proxy.cutAnswers(" /", 0, Integer.MAX_VALUE);
                assertCode("STORE_UNREACHABLE", question);
                // The JDK repeats some once each that got no byte of an answer.
                assertThat(proxy.cuts() - before).isBetween(TRIES, 2 * TRIES);
            }
        }
    }

    @Test
    @DisplayName("Repository and stores 3: a writer whose commit was answered by nobody knows its own object")
    void lostReply() throws IOException {
        byte[] content = random(3 * PART + 1);
        try (CuttingProxy proxy = new CuttingProxy(serverPort())) {
            ObjectStore cutting = atPort(proxy.port());
            proxy.cutAnswers(smallCommit(), 0, 1);
            cutting.create("small", new ByteArrayInputStream(content, 0, 1000));
            assertThat(proxy.cuts()).isEqualTo(1);
            proxy.cutAnswers(largeCommit(), 0, 1);
            cutting.create("large", new ByteArrayInputStream(content));
            assertThat(proxy.cuts()).isEqualTo(2);
        }
        assertThat(read(store.open("small"))).isEqualTo(Arrays.copyOf(content, 1000));
        assertThat(read(store.open("large"))).isEqualTo(content);
    }

    @Test
    @DisplayName("A store that nobody answers for is unreachable, and not empty")
    void nobodyAnswers() throws Exception {
        CuttingProxy proxy = new CuttingProxy(serverPort());
        ObjectStore gone = atPort(proxy.port());
        proxy.close();
        List<ThrowingCallable> calls = List.of(
                () -> gone.find(KEY),
                () -> gone.open(KEY).close(),
                () -> gone.list("", info -> {}),
                () -> gone.delete(KEY),
                () -> gone.create(KEY, new ByteArrayInputStream(new byte[1])),
                () -> atPort(proxy.port()));
        ExecutorService executor = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<?>> asked = new ArrayList<>();
            for (ThrowingCallable call : calls) {
                asked.add(executor.submit(() -> assertCode("STORE_UNREACHABLE", call)));
            }
            for (Future<?> each : asked) {
                each.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @Thorough
    @DisplayName("What a user can ask a store to do before the first backup, this kind of store does")
    void checked() {
        CheckReport report = new StoreCheck(store, Clock.systemUTC()).run();
        assertThat(report.items()).allSatisfy(item -> assertThat(item.verdict()).isNotEqualTo(Verdict.BAD));
        assertThat(report.items()).hasSizeGreaterThan(9);
        assertThat(keys("")).isEmpty();
    }

    @Test
    @Thorough
    @DisplayName("Objects of 200 MiB go from a local store to this one and back byte by byte, in 64 MB of heap")
    void copyInLittleMemory(@TempDir Path folder) throws Exception {
        Path from = Files.createDirectories(folder.resolve("from/pack"));
        Path back = Files.createDirectory(folder.resolve("back"));
        byte[] piece = random(PART);
        for (int size : new int[] {0, 1, 17, 200}) {
            try (OutputStream out = Files.newOutputStream(from.resolve(size + "-mib"))) {
                for (int i = 0; i < size; i++) {
                    piece[0] = (byte) i;
                    out.write(piece);
                }
            }
        }
        Process copy = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.muster.storage.transfer.StoreCopy",
                        folder.resolve("from").toString(),
                        frugalUrl(),
                        back.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(copy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(copy.waitFor()).as(said).isZero();
        for (int size : new int[] {0, 1, 17, 200}) {
            String name = size + "-mib";
            assertThat(Files.mismatch(from.resolve(name), back.resolve("pack/" + name)))
                    .as(name)
                    .isEqualTo(-1);
        }
    }
}
