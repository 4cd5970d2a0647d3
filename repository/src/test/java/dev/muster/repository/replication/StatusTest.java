package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.testing.MemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTest {
    private static final Place LIVE = new Place("production", "ssd", false);
    private static final Place NAS = new Place("nas", "disk", false);
    private static final Place CLOUD = new Place("cloud", "s3", true);

    @TempDir
    private Path directory;

    private SmallRepository small;
    private MemoryStore replica;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
        replica = new MemoryStore("replica");
    }

    @AfterEach
    void close() {
        small.close();
    }

    private void replicate() {
        Replication.of(small.repository, replica, new ReplicationOptions("replicator"), Clock.systemUTC())
                .run(ReplicationProgress.NONE)
                .requireSound();
    }

    private SourceLag lag() {
        return ReplicaStatus.of(small.repository, replica, List.of(SOURCE), Clock.systemUTC())
                .sources()
                .get(0);
    }

    @Test
    @DisplayName("The status says what the replica lacks, in backups, WAL, bytes and time, from an empty store on")
    void lagging() {
        SourceLag nothing = lag();
        assertThat(nothing.current()).isFalse();
        assertThat(nothing.missingBackups()).isEqualTo(2);
        assertThat(nothing.replicaBackup()).isEmpty();
        replicate();
        SourceLag current = lag();
        assertThat(current.current()).isTrue();
        assertThat(current.replicaBackup()).isEqualTo(current.originBackup()).isPresent();
        assertThat(current.replicaWal()).isEqualTo(current.originWal());
        assertThat(current.originWal()).hasToString("Optional[000000010000000000000002 up to byte 140]");
        assertThat(current.age(Instant.now())).isZero();

        String segment = small.segment(2, new byte[SmallRepository.SEGMENT_SIZE]);
        SourceLag behind = lag();
        assertThat(behind.missingObjects()).isEqualTo(1);
        assertThat(behind.missingBytes()).isEqualTo(small.store.bytes(segment).length);
        assertThat(behind.originWal().orElseThrow())
                .isGreaterThan(behind.replicaWal().orElseThrow());
        assertThat(behind.age(Instant.now().plus(Duration.ofHours(5)))).isGreaterThanOrEqualTo(Duration.ofHours(5));
        assertThat(ReplicaStatus.of(small.repository, replica, List.of(SOURCE), Clock.systemUTC())
                        .toJson()
                        .path("sources")
                        .path(0)
                        .path("originWal")
                        .asText())
                .isEqualTo("000000010000000000000002");
    }

    @Test
    @DisplayName("Repository and stores 6: a replica that has COMMIT but lacks a pack is not current")
    void lacksPack() {
        replicate();
        CommittedBackup full = small.repository.backups(SOURCE).get(0);
        replica.delete(ObjectName.pack(SOURCE, full.id(), 0));
        assertThat(lag().current()).isFalse();
        assertThat(lag().missingObjects()).isEqualTo(1);
    }

    @Test
    @DisplayName("Three copies on two media with one offsite fulfil 3-2-1; without the third it says what is missing")
    void threeTwoOne() {
        replicate();
        try (Repository there = small.open(replica)) {
            List<StoreCopy> stores = List.of(StoreCopy.of(NAS, small.repository), StoreCopy.of(CLOUD, there));
            ProtectionReport counted =
                    ProtectionReport.of(stores, Optional.of(LIVE), List.of(SOURCE), 1, Clock.systemUTC());
            assertThat(counted.fulfilled()).isTrue();
            assertThat(counted.sources().get(0).holders()).containsExactly(LIVE, NAS, CLOUD);
            assertThat(counted.text()).contains("3-2-1 is fulfilled").contains("production, nas, cloud");

            ProtectionReport two = ProtectionReport.of(stores, Optional.empty(), List.of(SOURCE), 1, Clock.systemUTC());
            assertThat(two.fulfilled()).isFalse();
            assertThat(two.text()).contains("NOT fulfilled").contains("2 of 3 copies");
            assertThat(two.toJson().path("sources").path(0).path("missing")).hasSize(1);
        }
    }

    @Test
    @DisplayName(
            "A replica that lacks an ancestor's pack is no copy of the increment; an older whole backup still counts")
    void incompleteCopy() {
        replicate();
        List<CommittedBackup> backups = small.repository.backups(SOURCE);
        replica.delete(ObjectName.pack(SOURCE, backups.get(1).id(), 0));
        try (Repository there = small.open(replica)) {
            List<StoreCopy> stores = List.of(StoreCopy.of(NAS, small.repository), StoreCopy.of(CLOUD, there));
            SourceProtection one = ProtectionReport.of(stores, Optional.of(LIVE), List.of(SOURCE), 1, Clock.systemUTC())
                    .sources()
                    .get(0);
            assertThat(one.fulfilled()).isTrue();
            assertThat(one.backup()).contains(backups.get(0).id());
            assertThat(one.newest()).contains(backups.get(1).id());
            assertThat(one.text())
                    .contains("In cloud: ")
                    .contains("The backup " + backups.get(1).id() + " is not offsite");

            replica.delete(ObjectName.pack(SOURCE, backups.get(0).id(), 0));
            assertThat(ProtectionReport.of(stores, Optional.of(LIVE), List.of(SOURCE), 1, Clock.systemUTC())
                            .fulfilled())
                    .isFalse();
        }
    }

    @Test
    @DisplayName("Repository and stores 6: a store that is down counts as no copy and is named")
    void down() {
        List<StoreCopy> stores = List.of(
                StoreCopy.of(NAS, small.repository), StoreCopy.away(CLOUD, "STORE_UNREACHABLE: no route to host"));
        ProtectionReport report = ProtectionReport.of(stores, Optional.of(LIVE), List.of(SOURCE), 1, Clock.systemUTC());
        assertThat(report.fulfilled()).isFalse();
        assertThat(report.text())
                .contains("cloud counts as no copy: STORE_UNREACHABLE")
                .contains("not offsite");
    }
}
