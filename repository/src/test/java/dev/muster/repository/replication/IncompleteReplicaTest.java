package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.Rotation;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.replication.ReplicatedBackup.Outcome;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.Problem;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.MemoryStore;
import dev.muster.storage.testing.TroubledStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica must not look complete where it is not, nor broken where it is complete. */
class IncompleteReplicaTest {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final ReplicationOptions OPTIONS = new ReplicationOptions("replicator").withThreads(1);

    @TempDir
    private Path directory;

    private SmallRepository small;
    private MemoryStore replica;
    private CommittedBackup full;
    private CommittedBackup increment;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
        replica = new MemoryStore("replica");
        List<CommittedBackup> backups = small.repository.backups(SOURCE);
        full = backups.get(0);
        increment = backups.get(1);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private ReplicationReport replicate(ReplicationProgress progress) {
        return Replication.of(small.repository, replica, OPTIONS, CLOCK).run(progress);
    }

    private SourceLag lag() {
        return ReplicaStatus.of(small.repository, replica, List.of(SOURCE), CLOCK)
                .sources()
                .get(0);
    }

    @Test
    @DisplayName("Repository and stores 6: a backup whose own pack the origin has lost does not come to count")
    void originLostPack() {
        String pack = ObjectName.pack(SOURCE, increment.id(), 0);
        small.store.delete(pack);
        ReplicationReport report = replicate(ReplicationProgress.NONE);
        assertThat(report.problems()).extracting(Problem::code, Problem::object).contains(missing(pack));
        assertThat(report.backups())
                .containsExactly(
                        new ReplicatedBackup(SOURCE, increment.id(), Outcome.INCOMPLETE),
                        new ReplicatedBackup(SOURCE, full.id(), Outcome.COPIED));
        try (Repository there = small.open(replica)) {
            assertThat(there.backups(SOURCE)).extracting(CommittedBackup::id).containsExactly(full.id());
        }
    }

    private static Tuple missing(String key) {
        return tuple("OBJECT_MISSING", key);
    }

    @Test
    @DisplayName("A replica without a backup whose COMMIT the origin cannot read is not current")
    void unreadableCommit() {
        byte[] commit = small.store.bytes(ObjectName.commit(SOURCE, increment.id()));
        commit[commit.length - 1] ^= 1;
        assertThat(replicate(ReplicationProgress.NONE).sound()).isFalse();
        assertThat(lag().current()).isFalse();
        assertThat(lag().missingBackups()).isEqualTo(1);
        assertThat(lag().originBackup()).contains(increment.id());
    }

    @Test
    @DisplayName("A backup that was decided against in the origin is not missing in the replica")
    void abortedBackup() {
        assertThat(small.repository.abortBackup(SOURCE, "01JD8X2V4MZ3A5B6C7D8E9FGHJ"))
                .isTrue();
        replicate(ReplicationProgress.NONE).requireSound();
        assertThat(lag().current()).isTrue();
        assertThat(lag().missingBackups()).isZero();
    }

    @Test
    @DisplayName("A replica that holds an object of another size is not current")
    void truncated() {
        replicate(ReplicationProgress.NONE).requireSound();
        String pack = ObjectName.pack(SOURCE, full.id(), 0);
        replica.replace(pack, Arrays.copyOf(replica.bytes(pack), 100));
        assertThat(lag().current()).isFalse();
        assertThat(lag().missingObjects()).isEqualTo(1);
    }

    @Test
    @DisplayName("Repository and stores 6: a replica without a pack that an expired backup left is not current")
    void lacksLeftPack() {
        small.store.delete(ObjectName.commit(SOURCE, full.id()));
        small.store.delete(ObjectName.manifest(SOURCE, full.id()));
        small.store.delete("lease/host-1/" + full.id());
        replicate(ReplicationProgress.NONE).requireSound();
        assertThat(lag().current()).isTrue();
        replica.delete(ObjectName.pack(SOURCE, full.id(), 0));
        assertThat(lag().current()).isFalse();
    }

    @Test
    @DisplayName("Of two replicators at once the slower one finds the other's backups, and no trouble")
    void twoAtOnce() {
        AtomicBoolean other = new AtomicBoolean();
        ReplicationReport slower = replicate((key, bytes) -> {
            if (key.endsWith(".seg") && other.compareAndSet(false, true)) {
                ReplicationOptions another = new ReplicationOptions("another").withThreads(1);
                Replication.of(small.repository, replica, another, CLOCK)
                        .run(ReplicationProgress.NONE)
                        .requireSound();
            }
        });
        assertThat(other).isTrue();
        assertThat(slower.requireSound().backups())
                .extracting(ReplicatedBackup::outcome)
                .containsOnly(Outcome.PRESENT);
    }

    @Test
    @DisplayName("Repository and stores 4: a backup under a key made during a replication comes with its key")
    void rotatedMeanwhile() {
        AtomicBoolean rotated = new AtomicBoolean();
        String[] later = {""};
        ReplicationReport report = Replication.withoutKey(small.store, replica, OPTIONS, CLOCK)
                .run((key, bytes) -> {
                    if (key.startsWith("keys/") && rotated.compareAndSet(false, true)) {
                        Repository.keys(small.store, List.of(small.key), CLOCK)
                                .rotate(new Rotation(null, List.of(small.key), false));
                        try (Repository restarted = small.open(small.store)) {
                            later[0] = small.full(restarted, 9).id();
                        }
                    }
                });
        report.requireSound();
        assertRestores(replica, later[0]);
    }

    private void assertRestores(ObjectStore from, String backup) {
        try (Repository opened = small.open(from)) {
            assertThat(SmallRepository.restore(opened, backup))
                    .containsOnlyKeys(
                            Objects.requireNonNull(small.contents().get(backup)).keySet());
        }
    }

    @Test
    @DisplayName("A key slot that is damaged in the replica is told, since the replica may not open without it")
    void damagedSlot() {
        replicate(ReplicationProgress.NONE).requireSound();
        String slot = small.store.keys().stream()
                .filter(key -> key.startsWith("keys/"))
                .findFirst()
                .orElseThrow();
        replica.replace(slot, new byte[0]);
        ReplicationReport report = replicate(ReplicationProgress.NONE);
        assertThat(report.problems())
                .extracting(Problem::code, Problem::object)
                .contains(tuple("REPLICA_DIFFERS", slot));
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a backup comes with its WAL though the store's clock is days behind its writer's")
    void storesClockBehind() {
        Clock ahead = Clock.offset(CLOCK, Duration.ofDays(3));
        String backup;
        try (Repository writer = Repository.open(small.store, small.key, ahead)) {
            backup = small.full(writer, 11).id();
        }
        ReplicationOptions options = OPTIONS.withOldest(ahead.instant().minus(Duration.ofHours(1)));
        ReplicationReport report =
                Replication.of(small.repository, replica, options, ahead).run(ReplicationProgress.NONE);
        assertThat(report.requireSound().backups())
                .containsExactly(new ReplicatedBackup(SOURCE, backup, Outcome.COPIED));
        assertThat(replica.keys()).containsAll(small.walContents().keySet());
    }

    @Test
    @DisplayName("The origin's folder by another name is no replica, and counts as one copy only")
    void sameFolder() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("store"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), folder);
        ObjectStore store = Stores.open(folder.toUri().toString());
        ObjectStore linked = Stores.open("file://" + link);
        Replication.of(small.repository, store, OPTIONS, CLOCK)
                .run(ReplicationProgress.NONE)
                .requireSound();
        try (Repository one = small.open(store);
                Repository two = small.open(linked)) {
            assertThatThrownBy(() -> Replication.of(one, linked, OPTIONS, CLOCK).run(ReplicationProgress.NONE))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("REPLICA_IS_ORIGIN"));
            List<StoreCopy> stores = List.of(
                    StoreCopy.of(new Place("live", "ssd", false), small.repository),
                    StoreCopy.of(new Place("nas", "disk", false), one),
                    StoreCopy.of(new Place("cloud", "s3", true), two));
            ProtectionReport report = ProtectionReport.of(stores, Optional.empty(), List.of(SOURCE), 1, CLOCK);
            assertThat(report.fulfilled()).isFalse();
            assertThat(report.text()).contains("2 of 3 copies").contains("cloud is the same store as nas");
        }
    }

    @Test
    @DisplayName("3-2-1 of no source at all is not fulfilled: a wiped store lists none")
    void noSource() {
        List<StoreCopy> stores = List.of(StoreCopy.of(new Place("nas", "disk", false), small.repository));
        ProtectionReport report = ProtectionReport.of(stores, Optional.empty(), List.of(), 1, CLOCK);
        assertThat(report.fulfilled()).isFalse();
        assertThat(report.text()).isNotBlank();
    }

    @Test
    @DisplayName(
            "Repository and stores 2: what the replica's expiry takes away during a run does not come to count without"
                    + " a lease")
    void expiredThereMeanwhile() {
        replicate(ReplicationProgress.NONE).requireSound();
        String commit = ObjectName.commit(SOURCE, full.id());
        TroubledStore watched = new TroubledStore(replica);
        watched.afterListing(prefix -> {
            if (prefix.startsWith(ObjectName.wal(SOURCE))) {
                replica.delete(commit);
                replica.delete("lease/replicator/" + full.id());
            }
        });
        Replication.of(small.repository, watched, OPTIONS, CLOCK).run(ReplicationProgress.NONE);
        assertThat(replica.keys()).doesNotContain(commit);
    }

    @Test
    @DisplayName("Without the key too, a backup whose manifest the origin has lost does not come to count")
    void originLostManifest() {
        small.store.delete(ObjectName.manifest(SOURCE, increment.id()));
        Replication.withoutKey(small.store, replica, OPTIONS, CLOCK).run(ReplicationProgress.NONE);
        try (Repository there = small.open(replica)) {
            assertThat(there.backups(SOURCE)).extracting(CommittedBackup::id).containsExactly(full.id());
        }
    }
}
