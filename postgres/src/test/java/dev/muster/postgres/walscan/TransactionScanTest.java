package dev.muster.postgres.walscan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionScanTest {
    @TempDir
    Path folder;

    private static Lsn redo(SourceCluster cluster) throws Exception {
        return Lsn.parse(cluster.text("select redo_lsn from pg_control_checkpoint()"));
    }

    private static List<CommittedTransaction> scan(SourceCluster cluster, Lsn start) {
        List<CommittedTransaction> found = new ArrayList<>();
        TransactionScan.run(new WalReader(WalFolder.of(cluster), start), transaction -> {
            found.add(transaction);
            return true;
        });
        return found;
    }

    private static CommittedTransaction of(List<CommittedTransaction> all, long xid) {
        return all.stream().filter(each -> each.xid() == xid).findFirst().orElseThrow();
    }

    private static RelationFile file(SourceCluster cluster, String table) throws Exception {
        return new RelationFile(
                1663,
                Long.parseLong(cluster.text("select oid from pg_database where datname = 'postgres'")),
                Long.parseLong(cluster.text("select pg_relation_filenode('" + table + "')")));
    }

    private static long xid(Statement statement) throws Exception {
        try (var rows = statement.executeQuery("select pg_current_xact_id()::text::bigint & 4294967295")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void countsRowsPerRelationOverSubtransactionsAndLeavesOutWhatWasRolledBack() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(
                    "create table parent (id int primary key)",
                    "create table child (id int primary key, parent int references parent on delete cascade)",
                    "insert into parent select generate_series(1, 1000)",
                    "insert into child select g, 1 + g % 1000 from generate_series(1, 5000) g",
                    "checkpoint");
            Lsn start = redo(cluster);
            long mixed;
            long rolledBack;
            long cascade;
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                mixed = xid(statement);
                statement.execute("insert into parent select generate_series(2001, 2100)");
                statement.execute("savepoint a");
                statement.execute("delete from parent where id between 2001 and 2010");
                statement.execute("release a");
                statement.execute("savepoint b");
                statement.execute("delete from child");
                statement.execute("rollback to b");
                statement.execute("update child set id = -id where id <= 50");
                connection.commit();
                rolledBack = xid(statement);
                statement.execute("delete from child");
                connection.rollback();
                cascade = xid(statement);
                statement.execute("delete from parent where id <= 100");
                connection.commit();
            }
            List<CommittedTransaction> all = scan(cluster, start);
            RelationFile parent = file(cluster, "parent");
            RelationFile child = file(cluster, "child");
            assertThat(of(all, mixed).in(parent)).isEqualTo(new RowCounts(100, 0, 10, 0));
            assertThat(of(all, mixed).in(child)).isEqualTo(new RowCounts(0, 50, 0, 0));
            assertThat(of(all, mixed).mayHaveBegunEarlier()).isFalse();
            assertThat(all).noneMatch(each -> each.xid() == rolledBack);
            assertThat(of(all, cascade).in(parent).deleted()).isEqualTo(100);
            assertThat(of(all, cascade).in(child).deleted()).isEqualTo(500);
        }
    }

    @Test
    void aPreparedTransactionCountsAtItsCommitUnderItsOwnNumber() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("create table t as select generate_series(1, 300) as id", "checkpoint");
            Lsn start = redo(cluster);
            long prepared;
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("begin");
                prepared = xid(statement);
                statement.execute("delete from t where id <= 200");
                statement.execute("prepare transaction 'later'");
                statement.execute("insert into t values (1)");
                statement.execute("checkpoint");
                statement.execute("commit prepared 'later'");
            }
            CommittedTransaction found = of(scan(cluster, start), prepared);
            assertThat(found.in(file(cluster, "t")).deleted()).isEqualTo(200);
            assertThat(TransactionScan.commitPosition(WalFolder.of(cluster), start, prepared))
                    .contains(found);
        }
    }

    @Test
    void truncatedAndDroppedRelationsDatabasesTablespacesAndRestorePointsAreReported() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(
                    "create table truncated as select generate_series(1, 300) as id",
                    "create table dropped as select generate_series(1, 300) as id",
                    "create database gone",
                    "checkpoint");
            Lsn start = redo(cluster);
            RelationFile truncated = file(cluster, "truncated");
            RelationFile dropped = file(cluster, "dropped");
            Path space = Files.createDirectory(folder.resolve("space"));
            cluster.run(
                    "truncate truncated",
                    "drop table dropped",
                    "select pg_create_restore_point('before the release')",
                    "create tablespace elsewhere location '" + space + "'",
                    SourceCluster.createDatabase("copied", "file_copy"),
                    SourceCluster.createDatabase("logged", "wal_log"),
                    "drop database gone");
            List<CommittedTransaction> all = new ArrayList<>();
            ScanSummary summary = TransactionScan.run(
                    new WalReader(WalFolder.of(cluster), start), cluster.position(), transaction -> {
                        all.add(transaction);
                        return true;
                    });
            assertThat(all).anyMatch(each -> each.removedFiles().contains(truncated));
            assertThat(all).anyMatch(each -> each.removedFiles().contains(dropped));
            assertThat(all).anyMatch(each -> each.droppedDatabases().size() == 1);
            assertThat(summary.restorePoints())
                    .singleElement()
                    .extracting(ScanSummary.RestorePoint::name)
                    .isEqualTo("before the release");
            assertThat(summary.createdTablespaces())
                    .singleElement()
                    .extracting(ScanSummary.CreatedTablespace::path)
                    .isEqualTo(space.toString());
            assertThat(summary.createdDatabases())
                    .extracting(created -> created.copiedFrom() != 0)
                    .containsExactly(true, PostgresVersion.current() < 15);
        }
    }

    @Test
    void commitTimesMapToPositionsAndATransactionUnderWayAtTheStartIsMarked() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run("create table t as select generate_series(1, 300) as id");
            try (Connection connection = cluster.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                long early = xid(statement);
                statement.execute("delete from t where id <= 10");
                cluster.run("checkpoint");
                Lsn start = redo(cluster);
                statement.execute("delete from t where id <= 30");
                Instant before = Instant.now();
                connection.commit();
                cluster.run("insert into t values (7)");
                List<CommittedTransaction> all = scan(cluster, start);
                assertThat(of(all, early).mayHaveBegunEarlier()).isTrue();
                assertThat(of(all, early).in(file(cluster, "t")).deleted()).isEqualTo(20);
                assertThat(all.get(all.size() - 1).mayHaveBegunEarlier()).isFalse();
                assertThat(TransactionScan.firstCommitAfter(WalFolder.of(cluster), start, before))
                        .contains(of(all, early));
                assertThat(TransactionScan.firstCommitAfter(
                                WalFolder.of(cluster), start, Instant.now().plusSeconds(60)))
                        .isEmpty();
            }
        }
    }
}
