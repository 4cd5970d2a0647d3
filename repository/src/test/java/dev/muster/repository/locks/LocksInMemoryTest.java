package dev.muster.repository.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationProgress;
import dev.muster.repository.verification.Problem;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.testing.LockingStore;
import dev.muster.storage.testing.MemoryStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LocksInMemoryTest extends LockedRepositoryContract {
    private Duration storesClock = Duration.ZERO;

    private final LockingStore store = new LockingStore(Duration.ofDays(2), new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Nobody asks for another zone");
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(storesClock);
        }
    });

    @Override
    ObjectStore store(int days) {
        store.lockFor(Duration.ofDays(days));
        return store;
    }

    @Override
    void writeOver(String objectKey, byte[] bytes) {
        store.writeOver(objectKey, bytes);
    }

    @Test
    @DisplayName(
            "Where locks may not be extended a backup that refers to older ones is refused, and a full one is made")
    void denied() {
        try (Repository repository = open(2)) {
            String full = full(repository);
            assertThat(repository.mayReferToOlder()).isTrue();
            store.lockFor(Duration.ofDays(3));
            store.denyExtending();
            assertThat(repository.mayReferToOlder()).isFalse();
            assertThatThrownBy(() -> increment(repository, full))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("LOCK_NOT_EXTENDED"));
            String second = full(repository);
            assertThat(repository.backups(SOURCE))
                    .extracting(backup -> backup.id())
                    .containsExactly(full, second);
        }
    }

    /** Lets time pass in the store; this machine's clock stays behind, and is known to. */
    private void pass(Duration time) {
        storesClock = storesClock.plus(time);
        store.skewed(storesClock);
    }

    @Test
    @DisplayName("All of a backup that took days is locked as long as its COMMIT, its first pack too")
    void longBackup() {
        try (Repository repository = open(5)) {
            String id;
            try (BackupWriter backup = repository.startBackup(request(BackupKind.FULL))) {
                try (PackWriter pack = backup.pack()) {
                    Entry entry = Entry.file(EntryPath.of("f0"), 0600, 100);
                    backup.fileOfRuns(entry, List.of(pack.run(0, new byte[100], 0, 100)));
                    byte[] random = new byte[100];
                    new Random(1).nextBytes(random);
                    backup.fileOfRuns(Entry.file(EntryPath.of("f1"), 0600, 100), List.of(pack.run(0, random, 0, 100)));
                }
                pass(Duration.ofDays(3));
                id = backup.commit(JsonNodeFactory.instance.objectNode()).id();
            }
            Instant end =
                    store.lockedUntil("src/" + SOURCE + "/b/" + id + "/COMMIT").orElseThrow();
            store.list(
                    "src/" + SOURCE + "/b/" + id + "/",
                    object -> assertThat(store.lockedUntil(object.key()))
                            .as(object.key())
                            .hasValueSatisfying(until -> assertThat(until).isAfter(end.minus(Duration.ofHours(1)))));
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a machine whose clock is years ahead or behind neither locks for years, nor deletes"
                    + " under a lock, nor misses what is hidden behind delete markers")
    void clockYearsAway() {
        String full;
        try (Repository repository = open(2)) {
            full = full(repository);
        }
        String pack = "src/" + SOURCE + "/b/" + full + "/p-00000000.pack";
        for (Duration away : List.of(Duration.ofDays(3_650), Duration.ofDays(-3_650))) {
            store.skewed(away.negated());
            try (Repository repository =
                    Repository.open(store(5), List.of(key()), Clock.offset(Clock.systemUTC(), away))) {
                increment(repository, full);
                assertThat(repository.mayReferToOlder()).isTrue();
                assertThat(repository.isLocked(pack)).isTrue();
                for (String needed : List.of(pack, "repo.json")) {
                    assertThat(store.lockedUntil(needed))
                            .hasValueSatisfying(until -> assertThat(until)
                                    .isBetween(
                                            Instant.now().plus(Duration.ofDays(4)),
                                            Instant.now().plus(Duration.ofDays(6))));
                }
            }
        }
        store.delete("src/" + SOURCE + "/b/" + full + "/COMMIT");
        for (Duration away : List.of(Duration.ofDays(3_650), Duration.ofDays(-3_650))) {
            store.skewed(away.negated());
            try (Repository repository =
                    Repository.open(store(5), List.of(key()), Clock.offset(Clock.systemUTC(), away))) {
                assertThat(repository.backups(SOURCE))
                        .extracting(backup -> backup.id())
                        .contains(full);
            }
        }
    }

    @Test
    @DisplayName("In a replica that locks, what an increment needs of older backups is locked as long as the increment")
    void replica() {
        MemoryStore origin = new MemoryStore("origin");
        LockingStore replica = new LockingStore(Duration.ofDays(2), Clock.systemUTC());
        ReplicationOptions options = new ReplicationOptions("replicator").withThreads(1);
        try (Repository repository = Repository.create(origin, key(), Clock.systemUTC())) {
            String full = full(repository);
            Replication.of(repository, replica, options, Clock.systemUTC())
                    .run(ReplicationProgress.NONE)
                    .requireSound();
            replica.lockFor(Duration.ofDays(9));
            String second = increment(repository, full);
            Replication.of(repository, replica, options, Clock.systemUTC())
                    .run(ReplicationProgress.NONE)
                    .requireSound();
            Instant end = replica.lockedUntil("src/" + SOURCE + "/b/" + second + "/COMMIT")
                    .orElseThrow();
            String prefix = "src/" + SOURCE + "/b/" + full + "/";
            for (String needed : List.of(prefix + "p-00000000.pack", prefix + "map-0000", "repo.json")) {
                assertThat(replica.lockedUntil(needed))
                        .as(needed)
                        .hasValueSatisfying(until -> assertThat(until).isAfter(end.minus(Duration.ofHours(1))));
            }
            // Without the right to extend locks the copy is made, and it is said that its lock is too short.
            replica.denyExtending();
            replica.lockFor(Duration.ofDays(20));
            String third = increment(repository, full);
            var report = Replication.of(repository, replica, options, Clock.systemUTC())
                    .run(ReplicationProgress.NONE);
            assertThat(report.problems()).extracting(Problem::code).containsExactly("LOCK_NOT_EXTENDED");
            try (Repository there = Repository.open(replica, key())) {
                assertThat(there.backups(SOURCE))
                        .extracting(backup -> backup.id())
                        .contains(third);
            }
        }
    }
}
