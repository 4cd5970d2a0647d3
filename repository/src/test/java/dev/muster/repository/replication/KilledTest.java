package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.testing.KilledStore;
import dev.muster.storage.testing.KilledStore.Killed;
import dev.muster.storage.testing.KilledStore.When;
import dev.muster.storage.testing.MemoryStore;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends at any of its writes, before or after that write took effect. */
class KilledTest {
    private static final int FEWEST_WRITES = 12;

    @TempDir
    private Path directory;

    private SmallRepository small;
    private int replicas;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
    }

    @AfterEach
    void close() {
        small.close();
    }

    @Test
    @DisplayName(
            "Repository and stores 1: killed at each write of a full backup or an increment, all that counts restores,"
                    + " and the next backup succeeds")
    void backup() {
        CommittedBackup ancestor = small.repository.backups(SOURCE).get(1);
        for (When when : When.values()) {
            int writes = killAtEach(when, dying -> {
                try (Repository opened = small.open(dying)) {
                    small.full(opened, 50);
                    small.increment(opened, ancestor, 51);
                }
            });
            assertThat(writes).isGreaterThan(FEWEST_WRITES);
        }
    }

    private int killAtEach(When when, Consumer<ObjectStore> work) {
        for (int write = 1; ; write++) {
            MemoryStore store = small.store.copy("killed");
            KilledStore dying = KilledStore.atCall(store, write, when);
            boolean killed = killed(() -> work.accept(dying));
            assertThat(killed).isEqualTo(dying.killed());
            try (Repository opened = small.open(store)) {
                assertAllThatCountsRestores(opened, 2);
                CommittedBackup next = small.full(opened, 52);
                small.increment(opened, next, 53);
                assertAllThatCountsRestores(opened, 4);
            }
            if (!killed) {
                return write - 1;
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: killed at each write of a replication, the replica claims nothing that it lacks,"
                    + " and the next run completes it")
    void replication() {
        for (When when : When.values()) {
            replicateKilled(when, 1, new MemoryStore("empty"), false);
        }
    }

    @Test
    @DisplayName("Repository and stores 1: the same without the key")
    void replicationWithoutKey() {
        for (When when : When.values()) {
            replicateKilled(when, 1, new MemoryStore("empty"), true);
        }
    }

    @Test
    @Thorough
    @DisplayName("Repository and stores 1: the same with many threads, and while each lost object is brought back")
    void replicationThorough() {
        MemoryStore whole = new MemoryStore("whole");
        replication(whole, 1, false);
        for (When when : When.values()) {
            for (int round = 0; round < 5; round++) {
                replicateKilled(when, 4, new MemoryStore("empty"), false);
                replicateKilled(when, 4, new MemoryStore("empty"), true);
            }
            for (String key : whole.keys()) {
                if (key.endsWith(".pack") || key.contains("/map-") || key.contains("/wal/")) {
                    MemoryStore lacking = whole.copy("lacking");
                    lacking.delete(key);
                    replicateKilled(when, 1, lacking, false);
                }
            }
        }
    }

    private void replicateKilled(When when, int threads, MemoryStore before, boolean blind) {
        boolean lacking = !before.keys().isEmpty();
        for (int write = 1; ; write++) {
            MemoryStore replica = before.copy("replica-" + ++replicas);
            KilledStore dying = KilledStore.atCall(replica, write, when);
            boolean killed = killed(() -> replication(dying, threads, blind));
            if (!lacking) {
                assertClaimsNothingThatItLacks(replica);
            }
            replication(replica, threads, blind);
            try (Repository opened = small.open(replica)) {
                assertAllThatCountsRestores(opened, 2);
            }
            for (String key : small.store.keys()) {
                if (!key.startsWith("lease/") && !key.startsWith("replica/")) {
                    assertThat(replica.bytes(key)).as(key).isEqualTo(small.store.bytes(key));
                }
            }
            if (!killed) {
                assertThat(write).isGreaterThan(lacking ? 1 : FEWEST_WRITES);
                return;
            }
        }
    }

    private void replication(ObjectStore target, int threads, boolean blind) {
        ReplicationOptions options = new ReplicationOptions("replicator").withThreads(threads);
        Replication replication = blind
                ? Replication.withoutKey(small.store, target, options, Clock.systemUTC())
                : Replication.of(small.repository, target, options, Clock.systemUTC());
        replication.run(ReplicationProgress.NONE).requireSound();
    }

    private void assertClaimsNothingThatItLacks(MemoryStore replica) {
        try (Repository opened = small.open(replica)) {
            assertAllThatCountsRestores(opened, 0);
            for (String key : replica.keys()) {
                if (ObjectName.of(key) instanceof ObjectName.Wal) {
                    assertThat(SmallRepository.readWal(opened, key))
                            .isEqualTo(small.walContents().get(key));
                }
            }
        } catch (RepositoryException e) {
            assertThat(e.code()).isIn("NOT_A_REPOSITORY", "KEYS_MISSING");
            assertThat(replica.keys()).hasSizeLessThan(2);
        }
    }

    private void assertAllThatCountsRestores(Repository opened, int atLeast) {
        List<CommittedBackup> backups = opened.backups(SOURCE);
        assertThat(backups).hasSizeGreaterThanOrEqualTo(atLeast);
        assertThat(new TreeSet<>(backups.stream().map(CommittedBackup::id).toList()))
                .isSubsetOf(small.contents().keySet());
        for (CommittedBackup backup : backups) {
            Map<String, byte[]> wanted = Objects.requireNonNull(small.contents().get(backup.id()));
            Map<String, byte[]> found = SmallRepository.restore(opened, backup.id());
            assertThat(found.keySet()).isEqualTo(wanted.keySet());
            found.forEach((name, content) -> assertThat(content).isEqualTo(wanted.get(name)));
        }
        assertThat(new Verifier(opened, Clock.systemUTC(), 1)
                        .verify(Level.INDEXES, List.of(SOURCE))
                        .levels()
                        .get(0)
                        .problems())
                .isEmpty();
    }

    private static boolean killed(Runnable work) {
        try {
            work.run();
            return false;
        } catch (Killed e) {
            return true;
        }
    }
}
