package dev.muster.postgres.rowreturn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.SourceCluster;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalFolder;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What would bring back too few rows, the wrong ones, or some twice. */
class RowReturnHazardsTest extends AttackedCluster {
    @Test
    void aTransactionThatBeganBeforeTheBackupIsRefusedBecauseItsFirstDeletionsAreUnknown() throws Exception {
        try (SourceCluster live = SourceCluster.start(folder)) {
            live.run("create table t (id int primary key)", "insert into t select generate_series(1, 100)");
            SourceCluster.Backup backup;
            long xid;
            try (Connection connection = live.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("delete from t where id <= 60");
                try (var rows = statement.executeQuery("select pg_current_xact_id()::text")) {
                    rows.next();
                    xid = Long.parseLong(rows.getString(1));
                }
                backup = live.backup(folder.resolve("copy"));
                statement.execute("delete from t where id > 60");
                connection.commit();
            }
            WalFolder wal = WalFolder.of(live);
            CommittedTransaction transaction =
                    TransactionScan.commitPosition(wal, backup.redo(), xid).orElseThrow();
            try (SourceCluster copy = copy(live, backup, transaction)) {
                assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                        .isInstanceOfSatisfying(
                                PostgresException.class,
                                e -> assertThat(code(e)).isEqualTo("TRANSACTION_BEGAN_EARLIER"));
                assertThat(live.text("select count(*) from t")).isEqualTo("0");
            }
        }
    }

    /** WAL of which everything from a position on has vanished. */
    private record CutOff(WalFolder wal, Lsn end) implements WalBytes {
        @Override
        public int timeline() {
            return wal.timeline();
        }

        @Override
        public int segmentSize() {
            return wal.segmentSize();
        }

        @Override
        public int read(Lsn from, byte[] buffer, int offset, int length) {
            long left = Math.max(0, end.minus(from));
            return wal.read(from, buffer, offset, (int) Math.min(length, left));
        }

        @Override
        public void close() {}
    }

    @Test
    void walThatEndsBeforeTheCommitIsAnErrorAndNotFewerRows() throws Exception {
        scenario(
                List.of("create table t (id int primary key)", "insert into t select generate_series(1, 20000)"),
                List.of("delete from t"),
                List.of(),
                (live, copy, transaction, wal) -> {
                    Lsn middle = transaction
                            .firstRecord()
                            .plus(transaction.commitStart().minus(transaction.firstRecord()) / 2);
                    CutOff cut = new CutOff(wal, middle);
                    try (Connection fromCopy = copy.connect();
                            Connection toLive = live.connect()) {
                        assertThatThrownBy(
                                        () -> RowReturn.run(cut, transaction, fromCopy, toLive, defaults(), () -> {}))
                                .isInstanceOfSatisfying(
                                        PostgresException.class,
                                        e -> assertThat(code(e)).isEqualTo("WAL_GAP"));
                    }
                    assertThat(live.text("select count(*) from t")).isEqualTo("0");
                });
    }

    @Test
    void aRowOfATableThatOthersInheritFromComesBackThoughAChildHasItsKey() throws Exception {
        scenario(
                List.of(
                        "create table base (id int primary key, text text)",
                        "create table derived () inherits (base)",
                        "create table loose (id int, text text)",
                        "create table looser () inherits (loose)",
                        "insert into base select g, 'same' from generate_series(1, 10) g",
                        "insert into derived select g, 'same' from generate_series(1, 10) g",
                        "insert into loose select 1, 'same' from generate_series(1, 10) g",
                        "insert into looser select 1, 'same' from generate_series(1, 7) g"),
                List.of("delete from only base where id <= 4", "delete from loose"),
                List.of("insert into looser values (1, 'same')"),
                (live, copy, transaction, wal) -> {
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(of(result, "base").returned()).isEqualTo(4);
                    assertThat(live.text("select count(*) from only base")).isEqualTo("10");
                    assertThat(live.text("select count(*) from only derived")).isEqualTo("10");
                    assertThat(live.text("select count(*) from only loose")).isEqualTo("10");
                    assertThat(live.text("select count(*) from only looser")).isEqualTo("7");
                    assertThat(result.isVerified()).isTrue();
                });
    }

    @Test
    void partitionsOfParentsComeBackBeforePartitionsOfTheirChildren() throws Exception {
        scenario(
                List.of(
                        "create table a_lines (id int, day int, item int, primary key (id, day)) partition by list (day)",
                        "create table a_lines_1 partition of a_lines for values in (1)",
                        "create table a_lines_2 partition of a_lines for values in (2)",
                        "create table items (id int, day int, primary key (id, day)) partition by list (day)",
                        "create table items_1 partition of items for values in (1)",
                        "create table items_2 partition of items for values in (2)",
                        "alter table a_lines add foreign key (item, day) references items on delete cascade",
                        "insert into items select g, 1 + g % 2 from generate_series(1, 100) g",
                        "insert into a_lines select g, 1 + g % 2, g from generate_series(1, 100) g"),
                List.of("delete from items"),
                List.of(),
                (live, copy, transaction, wal) -> {
                    ReturnResult result = bringBack(live, copy, transaction, wal, defaults());
                    assertThat(result.returned()).isEqualTo(200);
                    assertThat(result.isVerified()).isTrue();
                });
    }

    @Test
    void aTriggerThatAPartitionHasFromItsParentIsNoticed() throws Exception {
        scenario(
                List.of(
                        "create table other (id int primary key)",
                        "insert into other values (1)",
                        "create table t (id int references other) partition by list (id)",
                        "create table t1 partition of t for values in (1)",
                        "insert into t values (1)"),
                List.of("delete from t"),
                List.of(
                        "create function nothing() returns trigger language plpgsql as 'begin return null; end'",
                        "create trigger nothing after insert on t for each row execute function nothing()"),
                (live, copy, transaction, wal) -> {
                    assertThatThrownBy(() -> bringBack(live, copy, transaction, wal, defaults()))
                            .isInstanceOfSatisfying(
                                    PostgresException.class,
                                    e -> assertThat(code(e)).isEqualTo("TRIGGERS_WOULD_FIRE"))
                            .hasMessageContaining("nothing");
                    live.run("drop trigger nothing on t");
                    assertThat(bringBack(live, copy, transaction, wal, defaults())
                                    .returned())
                            .isEqualTo(1);
                });
    }

    @Test
    void twoAttemptsAtOnceBringRowsWithoutAKeyBackOnceWhateverTheRolesIsolationIs() throws Exception {
        scenario(
                List.of("create table log (line text)", "insert into log select 'line' from generate_series(1, 50)"),
                List.of("delete from log"),
                List.of("alter role postgres set default_transaction_isolation = 'repeatable read'"),
                (live, copy, transaction, wal) -> {
                    CompletableFuture<ReturnResult> second = new CompletableFuture<>();
                    try (Connection fromCopy = copy.connect();
                            Connection toLive = live.connect()) {
                        RowReturn.run(wal, transaction, fromCopy, toLive, defaults(), () -> {
                            second.completeAsync(() -> attempt(live, copy, transaction, wal));
                            Awaitility.await()
                                    .until(() -> live.text("select count(*) from pg_locks where locktype = 'advisory'"
                                                    + " and not granted")
                                            .equals("1"));
                        });
                    }
                    assertThat(second.get(30, TimeUnit.SECONDS).alreadyThere()).isEqualTo(50);
                    assertThat(live.text("select count(*) from log")).isEqualTo("50");
                });
    }

    private ReturnResult attempt(
            SourceCluster live, SourceCluster copy, CommittedTransaction transaction, WalFolder wal) {
        try (Connection fromCopy = copy.connect();
                Connection toLive = live.connect()) {
            return RowReturn.run(wal, transaction, fromCopy, toLive, defaults(), () -> {});
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
