package dev.muster.postgres.standby;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.members.Observation;
import dev.muster.postgres.members.ReplicationStatus;
import dev.muster.postgres.restore.RestoreOptions;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandbySetupTest {
    @TempDir
    Path folder;

    private ReplicatedCluster cluster;
    private BackupResult backup;

    @BeforeEach
    void start() throws Exception {
        cluster = ReplicatedCluster.start(folder);
        cluster.execute("a", "create table t as select g as n from generate_series(1, 1000) g");
        backup = cluster.source().backup();
        cluster.plan("b");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    /** Until the primary no longer has the WAL that the backup needs: it is in the store alone. */
    private void moveOn() throws Exception {
        Path needed = cluster.member("a")
                .dataDirectory()
                .resolve("pg_wal/"
                        + SegmentName.of(
                                1, backup.summary().start(), backup.summary().segmentSize()));
        org.awaitility.Awaitility.await().atMost(ReplicatedCluster.LIMIT).until(() -> {
            cluster.execute("a", "insert into t values (0)", "select pg_switch_wal()");
            cluster.source().settle();
            cluster.execute("a", "checkpoint");
            return Files.notExists(needed);
        });
    }

    @Test
    @DisplayName("A killed attempt goes on; a standby takes from the store what its upstream has no more, then streams;"
            + " cascades are told apart")
    void aStandbyComesFromTheStoreAndThenStreams() throws Exception {
        moveOn();
        Progress killed = new Progress() {
            @Override
            public void advanced(long done, long total) {}

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        assertThat(code(() -> cluster.setUp(backup, "b", "a", killed))).isEqualTo("CANCELLED");
        assertThat(cluster.value("a", "select wal_status from pg_replication_slots where slot_name = 'muster_b'"))
                .as("the slot is there, and keeps WAL, before the standby starts")
                .isEqualTo("reserved");
        cluster.setUp(backup, "b", "a", Progress.NONE);
        Path conf = cluster.member("b").dataDirectory().resolve("postgresql.auto.conf");
        assertThat(Files.readString(conf))
                .contains("primary_slot_name = 'muster_b'", "recovery_target_timeline = 'latest'")
                .doesNotContain("restore_command");
        long process = cluster.member("b").server().processId().orElseThrow();
        cluster.setUp(backup, "b", "a", Progress.NONE);
        assertThat(cluster.member("b").server().processId())
                .as("called again, nothing is started anew")
                .hasValue(process);
        cluster.plan("c");
        cluster.setUp(backup, "c", "b", Progress.NONE);
        cluster.execute("a", "insert into t values (-1)");
        Lsn end = Lsn.parse(cluster.value("a", "select pg_current_wal_flush_lsn()"));
        Replay.await(cluster.member("c"), end, ReplicatedCluster.LIMIT);
        assertThat(cluster.value("c", "select count(*) from t where n = -1")).isEqualTo("1");
        List<Observation> seen = List.of(cluster.observe("a"), cluster.observe("b"), cluster.observe("c"));
        ReplicationStatus status = ReplicationStatus.judge(Set.of("a", "b", "c", "d"), Set.of("muster-wal"), seen);
        assertThat(status.primaries()).containsExactly("a");
        assertThat(status.upstreams()).isEqualTo(Map.of("b", "a", "c", "b"));
        assertThat(status.below("a")).containsExactly("b", "c");
        assertThat(status.unknown()).containsExactly("d");
        assertThat(status.strangers()).as("but for the store's receiver").isEmpty();
        assertThat(ReplicationStatus.judge(Set.of("a", "b", "c"), Set.of(), seen)
                        .strangers())
                .isEqualTo(Map.of("a", Set.of("muster-wal")));
        assertThat(seen.get(1).receiver().orElseThrow().slot()).contains("muster_b");
        assertThat(seen.get(0).slots()).extracting(Observation.Slot::name).contains("muster_b");
        assertThat(seen).extracting(Observation::checksums).containsOnly(true);
        slotsAreTheirOwners();
    }

    private void slotsAreTheirOwners() throws Exception {
        assertThat(code(() -> new UpstreamSlot(cluster.member("a").place(), "muster_b", "c").ensure()))
                .isEqualTo("SLOT_IN_USE");
        UpstreamSlot slot = new UpstreamSlot(cluster.member("a").place(), "muster_d", "d");
        cluster.execute("a", "select pg_create_physical_replication_slot('muster_d')");
        slot.ensure();
        slot.ensure();
        assertThat(cluster.value("a", "select restart_lsn from pg_replication_slots where slot_name = 'muster_d'"))
                .as("made again: one that reserves nothing is of no use")
                .isNotEqualTo("null");
        slot.drop();
        slot.drop();
        assertThat(cluster.value("a", "select count(*) from pg_replication_slots where slot_name = 'muster_d'"))
                .isEqualTo("0");
    }

    @Test
    @Thorough
    @DisplayName("A stopped data directory is overwritten only by permission, and an idle primary is not lag"
            + " (Failover 9)")
    void anOldDataDirectoryIsUsedOnlyByPermission() throws Exception {
        cluster.setUp(backup, "b", "a", Progress.NONE);
        cluster.member("b").server().stop(ReplicatedCluster.LIMIT);
        RestoreOptions empty = RestoreOptions.defaults().withWorkers(2);
        assertThat(code(() -> cluster.setUp(backup, "b", "a", empty, "another", Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        String system = ControlFile.read(cluster.member("b").dataDirectory()).systemId();
        StandbySetup.Made made = cluster.setUp(backup, "b", "a", empty.overwriting(system), "another", Progress.NONE);
        assertThat(made.restored().written()).isLessThan(made.restored().bytes());
        cluster.execute("a", "insert into t values (1)");
        Replay.await(
                cluster.member("b"),
                Lsn.parse(cluster.value("a", "select pg_current_wal_insert_lsn()")),
                ReplicatedCluster.LIMIT);
        ReplicationStatus status = ReplicationStatus.judge(
                Set.of("a", "b"), Set.of("muster-wal"), List.of(cluster.observe("a"), cluster.observe("b")));
        assertThat(status.lagOf("b").orElseThrow().toReplay()).isZero();
        assertThat(status.lagOf("b").orElseThrow().age()).contains(java.time.Duration.ZERO);
    }
}
