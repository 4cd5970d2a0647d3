package dev.muster.repository;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationProgress;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.MemoryStore;
import dev.muster.storage.testing.TroubledStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that has no room from its n-th write or commit on, for each n. */
class FullStoreTest {
    private static final int FEWEST_WRITES = 12;

    @TempDir
    private Path directory;

    private SmallRepository small;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
    }

    @AfterEach
    void close() {
        small.close();
    }

    /** @return how many writes it took when there was room for all */
    private int fullAfterEach(MemoryStore before, Consumer<ObjectStore> work, Consumer<MemoryStore> check) {
        for (int room = 0; ; room++) {
            MemoryStore store = before.copy("full-" + room);
            TroubledStore full = new TroubledStore(store);
            AtomicInteger left = new AtomicInteger(room);
            full.makeFull(key -> left.getAndDecrement() <= 0);
            boolean refused = false;
            try {
                work.accept(full);
            } catch (StoreException e) {
                assertThat(e.code()).isEqualTo("STORE_FULL");
                refused = true;
            } catch (RepositoryException e) {
                assertThat(e).hasStackTraceContaining("No space left on device");
                refused = true;
            }
            assertThat(refused).as("room for %d", room).isEqualTo(left.get() < 0);
            assertThat(full.openWriters()).isZero();
            check.accept(store);
            if (!refused) {
                return room;
            }
        }
    }

    private void assertAllThatCountsRestores(Repository opened, int atLeast) {
        assertThat(opened.backups(SOURCE)).hasSizeGreaterThanOrEqualTo(atLeast);
        for (CommittedBackup backup : opened.backups(SOURCE)) {
            opened.verify(SOURCE, backup.id(), 1).requireSound();
            Map<String, byte[]> wanted = Objects.requireNonNull(small.contents().get(backup.id()));
            Map<String, byte[]> found = SmallRepository.restore(opened, backup.id());
            assertThat(found.keySet()).isEqualTo(wanted.keySet());
            found.forEach((name, content) -> assertThat(content).isEqualTo(wanted.get(name)));
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: the disk is full after each write of a backup: it fails as STORE_FULL, all that"
                    + " counts restores, and with room again the next one succeeds")
    void backup() {
        CommittedBackup ancestor = small.repository.backups(SOURCE).get(1);
        int writes = fullAfterEach(
                small.store,
                store -> {
                    try (Repository opened = small.open(store)) {
                        small.full(opened, 50);
                        small.increment(opened, ancestor, 51);
                    }
                },
                store -> {
                    try (Repository opened = small.open(store)) {
                        assertAllThatCountsRestores(opened, 2);
                        small.increment(opened, small.full(opened, 52), 53);
                        assertAllThatCountsRestores(opened, 4);
                    }
                });
        assertThat(writes).isGreaterThan(FEWEST_WRITES);
    }

    @Test
    @DisplayName(
            "Repository and stores 1: a replica that is full after each write claims nothing that it lacks, and with"
                    + " room again the next run completes it")
    void replication() {
        ReplicationOptions options = new ReplicationOptions("replicator").withThreads(1);
        int writes = fullAfterEach(
                new MemoryStore("empty"),
                replica -> Replication.of(small.repository, replica, options, Clock.systemUTC())
                        .run(ReplicationProgress.NONE)
                        .requireSound(),
                replica -> {
                    if (replica.keys().size() > 1) {
                        try (Repository opened = small.open(replica)) {
                            assertAllThatCountsRestores(opened, 0);
                        }
                    }
                    Replication.of(small.repository, replica, options, Clock.systemUTC())
                            .run(ReplicationProgress.NONE)
                            .requireSound();
                    try (Repository opened = small.open(replica)) {
                        assertAllThatCountsRestores(opened, 2);
                    }
                });
        assertThat(writes).isGreaterThan(FEWEST_WRITES);
    }
}
