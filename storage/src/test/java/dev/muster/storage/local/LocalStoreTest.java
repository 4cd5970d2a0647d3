package dev.muster.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreTest extends ObjectStoreContract {
    @TempDir
    private Path directory;

    @Override
    protected ObjectStore emptyStore() throws IOException {
        return Stores.open(
                Files.createDirectory(directory.resolve("a store")).toUri().toString());
    }

    @Test
    @DisplayName("A folder that is not there is an error that asks about the mount, at opening and later")
    void folderMissing() throws IOException {
        assertCode("STORE_MISSING", () -> Stores.open("file:///nowhere/at/all"));
        assertThatThrownBy(() -> Stores.open("file:///nowhere/at/all"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.hint()).contains("mounted"));
        put("a", "x");
        Files.move(directory.resolve("a store"), directory.resolve("unmounted"));
        assertCode("STORE_MISSING", () -> put("b", "x"));
        assertCode("STORE_MISSING", () -> store.open("a").close());
        assertCode("STORE_MISSING", () -> store.find("a"));
        assertCode("STORE_MISSING", () -> store.delete("a"));
        assertCode("STORE_MISSING", () -> keys(""));
        assertThat(directory.resolve("a store")).doesNotExist();
    }

    @Test
    @DisplayName("An empty mount point where there were objects is a missing store: not one without objects")
    void unmounted() throws IOException {
        put("src/a", "x");
        ObjectStore readOnly = Stores.open(store.url());
        Files.move(directory.resolve("a store"), directory.resolve("unmounted"));
        Path mountPoint = Files.createDirectory(directory.resolve("a store"));
        for (ObjectStore each : List.of(store, readOnly)) {
            assertCode("STORE_MISSING", () -> each.open("src/a").close());
            assertCode("STORE_MISSING", () -> each.open("src/a", 0, 1).close());
            assertCode("STORE_MISSING", () -> each.find("src/a"));
            assertCode("STORE_MISSING", () -> each.list("", info -> {}));
            assertCode("STORE_MISSING", () -> each.list("src/", info -> {}));
            assertCode("STORE_MISSING", () -> each.delete("src/a"));
            assertCode("STORE_MISSING", () -> each.create("src/b").close());
            assertCode("STORE_MISSING", () -> each.create("b").close());
        }
        assertThat(mountPoint).isEmptyDirectory();
        Files.delete(mountPoint);
        Files.move(directory.resolve("unmounted"), mountPoint);
        put("src/b", "y");
        assertThat(keys("")).containsExactly("src/a", "src/b");
    }

    @Test
    @DisplayName("What cannot be looked at is an error, never an object or a listing that is not there")
    void notLookedAt() throws IOException {
        put("a", "x");
        Path folder = directory.resolve("a store");
        // A link to a disk that is not mounted, and a directory that cannot be opened, whoever asks.
        Files.createSymbolicLink(folder.resolve("src"), directory.resolve("not mounted"));
        Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
        for (String below : List.of("src/", "loop/")) {
            assertCode("STORE_UNREACHABLE", () -> keys(below));
            assertCode("STORE_UNREACHABLE", () -> keys(below + "b/"));
            assertCode("STORE_UNREACHABLE", () -> store.find(below + "b"));
            assertCode("STORE_UNREACHABLE", () -> store.open(below + "b").close());
            assertCode("STORE_UNREACHABLE", () -> store.open(below + "b", 0, 1).close());
            assertCode("STORE_UNREACHABLE", () -> store.delete(below + "b"));
        }
    }

    @Test
    @DisplayName("A writer that is interrupted says so, does not blame the disk, and leaves nothing behind")
    void interrupted() {
        put("a/b", "x");
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> put("a/c", "y"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("interrupted")
                    .hasMessageNotContaining("null");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(keys("")).containsExactly("a/b");
        assertThat(directory.resolve("a store/a").toFile().list()).containsExactly("b");
    }

    @Test
    @DisplayName("URLs without a driver, relative, with a host or a query are refused")
    void urls() {
        for (String url : List.of(
                "s3://bucket",
                "file:relative",
                "file://host/folder",
                "file:///a?b",
                "/a",
                "file:///a b",
                "file:///a%00b")) {
            assertCode("STORE_URL_INVALID", () -> Stores.open(url));
        }
        assertThat(Stores.open(store.url()).url()).isEqualTo(store.url());
    }

    @Test
    @DisplayName("A writer leaves no file behind, whether it commits, loses the race or gives up")
    void noLeftovers() throws IOException {
        put("a/b", "x");
        try (ObjectWriter loser = store.create("a/c")) {
            put("a/c", "winner");
            assertThatThrownBy(loser::commit).isInstanceOf(StoreException.class);
        }
        store.create("a/d").close();
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("b", "c");
        }
    }

    @Test
    @DisplayName("Repository and stores 1: after a process was killed while writing, nothing of the object is visible")
    void killed() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessWriter.class.getName(),
                        store.url(),
                        "a/b")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream output = process.getInputStream()) {
            assertThat(output.read()).isEqualTo('w');
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(directory.resolve("a store/a").toFile().list()).hasSize(1);
        assertThat(keys("")).isEmpty();
        assertThat(store.find("a/b")).isEmpty();
        put("a/b", "after");
        assertThat(keys("")).containsExactly("a/b");
    }

    @Test
    @DisplayName(
            "A file where a directory must be, and what is neither file nor directory, are told of, not passed over")
    void foreignThings() throws IOException {
        put("a", "x");
        assertCode("STORE_DAMAGED", () -> put("a/b", "y"));
        Files.createSymbolicLink(directory.resolve("a store/link"), directory.resolve("a store/a"));
        assertCode("STORE_UNREACHABLE", () -> keys(""));
        assertThat(keys("a")).containsExactly("a");
        assertThat(store.find("link")).isEmpty();
        assertCode("OBJECT_MISSING", () -> store.open("link").close());
    }

    @Test
    @DisplayName("What the system says of a full disk is told as STORE_FULL, with the object and the store")
    void full() throws IOException {
        // The one device that is always full, also where nobody may mount a small disk.
        Path device = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(device), "This system has no /dev/full");
        IOException noSpace = null;
        try {
            Files.write(device, new byte[1]);
        } catch (IOException e) {
            noSpace = e;
        }
        assertThat(noSpace).isNotNull();
        StoreException told =
                LocalTrouble.explain("write", "a/b", "file:///x", java.util.Objects.requireNonNull(noSpace));
        assertThat(told.code()).isEqualTo("STORE_FULL");
        assertThat(told).hasMessageContaining("a/b").hasMessageContaining("file:///x");
    }

    /** Writes and never ends, to be killed. */
    static final class EndlessWriter {
        private EndlessWriter() {}

        public static void main(String[] arguments) throws InterruptedException {
            ObjectWriter writer = Stores.open(arguments[0]).create(arguments[1]);
            writer.write(new byte[100_000], 0, 100_000);
            System.out.print('w');
            System.out.flush();
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }
}
