package dev.muster.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system of 256 KiB in memory. */
class FullDiskTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    @TempDir
    private Path directory;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + PAGE * PAGES, "tmpfs", disk.toString()) == 0;
        if (!mounted) {
            Thorough.Loud.say(
                    "NOT RUN, THIS USER MAY NOT MOUNT: a local store on a full disk. To run it: as root, or in"
                            + " unshare -Um");
        }
        Assumptions.assumeTrue(mounted, "this user may not mount a tmpfs: the full disk is NOT tested");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", disk.toString());
        }
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    @DisplayName("Repository and stores 1: a disk that is full after any write is told of as STORE_FULL, nothing of the"
            + " object stays, what was there reads, and deleting makes room")
    void fullAfterEachWrite() throws Exception {
        ObjectStore store = Stores.open(disk.toUri().toString());
        put(store, "a/there", 1);
        Path filler = directory.resolve("disk/filler");
        int refused = 0;
        for (int room = 0; room <= 6; room++) {
            fill(filler, room);
            try {
                put(store, "a/new", 4);
                assertThat(pages(store, "a/new")).isEqualTo(4);
                store.delete("a/new");
            } catch (StoreException full) {
                refused++;
                assertThat(full.code()).isEqualTo("STORE_FULL");
                assertThat(full).hasMessageContaining("a/new");
                assertThat(full.hint()).isNotBlank();
            }
            assertThat(files()).containsExactlyInAnyOrder("filler", "there");
            assertThat(pages(store, "a/there")).isEqualTo(1);
        }
        assertThat(refused).isGreaterThanOrEqualTo(4);

        fill(filler, 0);
        assertThatThrownBy(() -> put(store, "a/new", 1)).isInstanceOf(StoreException.class);
        store.delete("a/there");
        put(store, "a/new", 1);
        assertThat(pages(store, "a/new")).isEqualTo(1);
    }

    private static void put(ObjectStore store, String key, int pages) {
        try (ObjectWriter writer = store.create(key)) {
            for (int page = 0; page < pages; page++) {
                writer.write(new byte[PAGE], 0, PAGE);
            }
            writer.commit();
        }
    }

    private static long pages(ObjectStore store, String key) throws IOException {
        try (InputStream content = store.open(key)) {
            return content.readAllBytes().length / PAGE;
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(disk)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    /** Leaves so many pages free. */
    private void fill(Path filler, int room) throws IOException {
        Files.deleteIfExists(filler);
        long free = Files.getFileStore(disk).getUsableSpace() / PAGE - room;
        try (var out = Files.newOutputStream(filler)) {
            for (long page = 0; page < free; page++) {
                out.write(new byte[PAGE]);
            }
        }
        assertThat(Files.getFileStore(disk).getUsableSpace()).isEqualTo((long) room * PAGE);
    }
}
