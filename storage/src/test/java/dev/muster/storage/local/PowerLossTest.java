package dev.muster.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.DurableCalls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power cannot be cut here, but what a writer asked of the kernel, and in which order, can be read: each call is
 * traced, and {@link DurableCalls} knows which files and names a disk must still have after each.
 */
class PowerLossTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName(
            "Repository and stores 1: whenever the power is lost, a name never shows an object that is not whole, and"
                    + " what was said to be stored or deleted is so")
    void durableBeforeItIsSaid() throws Exception {
        Path folder = Files.createDirectory(directory.toRealPath().resolve("store"));
        DurableCalls calls = new DurableCalls(folder);
        calls.trace(directory.resolve("trace"), Writer.class, folder.toUri().toString());
        assertThat(calls.claims())
                .containsExactly(
                        "STORED a/b/one", "STORED a/b/two", "STORED a/c/three", "STORED a/c/four", "DELETED a/b/two");
        assertThat(calls.syncs()).isGreaterThan(8);
        assertThat(calls.faults()).isEmpty();
    }

    /** The process that is traced: it says on its standard output what it believes to be durable. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            ObjectStore store = Stores.open(arguments[0]);
            put(store, "a/b/one", 1);
            put(store, "a/b/two", 300_000);
            put(store, "a/c/three", 0);
            // What another writer leaves who is killed between giving the name and making it durable.
            Path folder = Path.of(URI.create(arguments[0]));
            Files.createLink(folder.resolve("a/c/four"), folder.resolve("a/c/three"));
            try {
                put(store, "a/c/four", 5);
                throw new IllegalStateException("Created twice");
            } catch (ObjectExistsException e) {
                say("STORED a/c/four");
            }
            store.delete("a/b/two");
            say("DELETED a/b/two");
        }

        private static void put(ObjectStore store, String key, int length) {
            try (ObjectWriter writer = store.create(key)) {
                for (int at = 0; at < length; at += 100_000) {
                    writer.write(new byte[100_000], 0, Math.min(100_000, length - at));
                }
                writer.commit();
            }
            say("STORED " + key);
        }

        private static void say(String claim) {
            System.out.print(claim);
            System.out.flush();
        }
    }
}
