package dev.muster.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every driver must do. A driver's test is a subclass that makes an empty store. */
public abstract class ObjectStoreContract {
    @SuppressWarnings("NullAway.Init") // set before each test
    protected ObjectStore store;

    /** A new, empty store. */
    protected abstract ObjectStore emptyStore() throws IOException;

    /** How many objects a listing is tried with; fewer where a test's server is slow and its paging is tried elsewhere. */
    protected int many() {
        return 1_100;
    }

    /** Whether the server behind a driver lets one of several simultaneous creators win; a driver alone cannot. */
    protected boolean decidesRaces() {
        return true;
    }

    @BeforeEach
    void makeStore() throws IOException {
        store = emptyStore();
    }

    @Test
    @DisplayName("An object comes back as it was written, whole and by range, of no bytes and of many")
    void roundTrip() throws IOException {
        for (int size : new int[] {0, 1, 65536, 1_000_003}) {
            byte[] content = new byte[size];
            new Random(size).nextBytes(content);
            String key = "a/b-" + size;
            store.create(key, new ByteArrayInputStream(content));
            assertThat(read(store.open(key))).isEqualTo(content);
            assertThat(store.find(key)).hasValueSatisfying(info -> {
                assertThat(info.key()).isEqualTo(key);
                assertThat(info.size()).isEqualTo(size);
            });
            assertThat(read(store.open(key, size / 3, size / 2)))
                    .isEqualTo(Arrays.copyOfRange(content, size / 3, size / 3 + size / 2));
            assertThat(read(store.open(key, size, 0))).isEmpty();
        }
    }

    @Test
    @DisplayName("A range beyond an object's end is an error, never a short answer")
    void tooShort() {
        put("a", "0123456789");
        assertCode("OBJECT_TOO_SHORT", () -> store.open("a", 5, 6).close());
        assertCode("OBJECT_TOO_SHORT", () -> store.open("a", 11, 0).close());
    }

    @Test
    @DisplayName("What is not there: reading says OBJECT_MISSING, finding says nothing, deleting succeeds")
    void missing() {
        put("a/b", "x");
        for (String key : List.of("c", "a", "a/b/c", "a/c")) {
            assertCode("OBJECT_MISSING", () -> store.open(key).close());
            assertCode("OBJECT_MISSING", () -> store.open(key, 0, 1).close());
            assertThat(store.find(key)).isEmpty();
        }
        for (String key : List.of("c", "a", "a/b/c", "a/c")) {
            assertThatCode(() -> store.delete(key)).doesNotThrowAnyException();
        }
        assertThat(keys("")).containsExactly("a/b");
    }

    @Test
    @DisplayName("An object is created once: a second creation fails and leaves the first as it is")
    void createdOnce() throws IOException {
        put("a/b", "first");
        assertThatThrownBy(() -> put("a/b", "second"))
                .isInstanceOf(ObjectExistsException.class)
                .hasMessageContaining("a/b");
        assertThat(read(store.open("a/b"))).isEqualTo("first".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("Of two writers that began before either ended, the one who commits first wins")
    void overlappingWriters() throws IOException {
        try (ObjectWriter first = store.create("a");
                ObjectWriter second = store.create("a")) {
            first.write(new byte[] {1}, 0, 1);
            second.write(new byte[] {2}, 0, 1);
            second.commit();
            assertThatThrownBy(first::commit).isInstanceOf(ObjectExistsException.class);
        }
        assertThat(read(store.open("a"))).containsExactly(2);
        assertThat(keys("")).containsExactly("a");
    }

    @Test
    @DisplayName("Of many threads that create one object at once exactly one wins, and its content stands")
    void race() throws Exception {
        Assumptions.assumeTrue(decidesRaces(), "This server looks first and stores then, in two steps");
        int threads = 16;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 10; round++) {
                String key = "race/" + round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Boolean>> creators = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    byte[] content = {(byte) i};
                    creators.add(executor.submit(() -> {
                        start.await();
                        try {
                            store.create(key, new ByteArrayInputStream(content));
                            return true;
                        } catch (ObjectExistsException e) {
                            return false;
                        }
                    }));
                }
                start.countDown();
                List<Integer> winners = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    if (creators.get(i).get()) {
                        winners.add(i);
                    }
                }
                assertThat(winners).hasSize(1);
                assertThat(read(store.open(key))).containsExactly(winners.get(0));
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(keys("")).hasSize(10);
    }

    @Test
    @DisplayName("An object that is not committed is not there: while it is written, and after it was given up")
    void abandoned() {
        try (ObjectWriter writer = store.create("a/b")) {
            writer.write(new byte[100], 0, 100);
            assertThat(keys("")).isEmpty();
            assertThat(store.find("a/b")).isEmpty();
        }
        assertThat(keys("")).isEmpty();
        put("a/b", "now");
        assertThat(keys("")).containsExactly("a/b");
    }

    @Test
    @DisplayName("When the content cannot be read to its end, nothing is stored")
    void brokenContent() {
        InputStream torn = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("torn");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                throw new IOException("torn");
            }
        };
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(new byte[100_000]), torn);
        assertCode("CONTENT_UNREADABLE", () -> store.create("a", broken));
        assertThat(keys("")).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 3: a listing of more than 1,000 objects is complete and in the order of the keys")
    void listing() {
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < many(); i++) {
            wanted.add("many/" + Integer.toString(i, 36));
        }
        wanted.addAll(List.of("a-b", "a/b", "a/b-c/d", "a/b.c", "a/bc/d", "a0", "A", "z/y/x/w"));
        wanted.forEach(key -> put(key, key));
        wanted.sort(Comparator.naturalOrder());
        assertThat(keys("")).isEqualTo(wanted);
        assertThat(keys("many/")).hasSize(many());
        assertThat(keys("a/b")).containsExactly("a/b", "a/b-c/d", "a/b.c", "a/bc/d");
        assertThat(keys("a")).containsExactly("a-b", "a/b", "a/b-c/d", "a/b.c", "a/bc/d", "a0");
        assertThat(keys("a/b-c/")).containsExactly("a/b-c/d");
        assertThat(keys("none/")).isEmpty();
        assertThat(keys("A/x")).isEmpty();
    }

    @Test
    @DisplayName("A deleted object is gone, its neighbours stay, and its name can be used again")
    void delete() {
        put("a/b", "1");
        put("a/c", "2");
        store.delete("a/b");
        assertThat(keys("")).containsExactly("a/c");
        put("a/b", "3");
        assertThat(keys("")).containsExactly("a/b", "a/c");
    }

    @Test
    @DisplayName("Keys that could leave the store, hide, or differ between stores are refused everywhere")
    void keysRefused() {
        List<String> bad = List.of(
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "a/../b",
                "../a",
                "a/./b",
                ".tmp-x",
                "a/.b",
                "a\\b",
                "a b",
                "a\nb",
                "a\0",
                "ä",
                "a:b",
                "x".repeat(256),
                "a/".repeat(512) + "b");
        for (String key : bad) {
            assertCode("INVALID_KEY", () -> put(key, "x"));
            assertCode("INVALID_KEY", () -> store.create(key).close());
            assertCode("INVALID_KEY", () -> store.open(key).close());
            assertCode("INVALID_KEY", () -> store.find(key));
            assertCode("INVALID_KEY", () -> store.delete(key));
        }
        assertCode("INVALID_KEY", () -> keys("../"));
        assertThat(keys("")).isEmpty();
        put("x".repeat(255) + "/" + "y".repeat(255), "longest parts");
        put("A-z_0.9+@=x", "every sign");
        assertThat(keys("")).hasSize(2);
    }

    protected final void put(String key, String content) {
        store.create(key, new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
    }

    protected final List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        store.list(prefix, info -> keys.add(info.key()));
        return keys;
    }

    protected static byte[] read(InputStream stream) throws IOException {
        try (stream) {
            return stream.readAllBytes();
        }
    }

    public static void assertCode(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(StoreException.class))
                .satisfies(e -> assertThat(e.hint()).isNotBlank())
                .extracting(StoreException::code)
                .isEqualTo(code);
    }
}
