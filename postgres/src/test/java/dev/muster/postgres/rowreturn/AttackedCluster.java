package dev.muster.postgres.rowreturn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.rowreturn.ReturnResult.ReturnedRelation;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.SourceCluster;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that lost rows to one transaction, and a copy of it paused just before that. */
abstract class AttackedCluster {
    @TempDir
    Path folder;

    /** Runs the statements in one transaction and returns its number. */
    static long attack(SourceCluster cluster, String... statements) throws Exception {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long xid;
            try (var rows = statement.executeQuery("select pg_current_xact_id()::text")) {
                rows.next();
                xid = Long.parseLong(rows.getString(1));
            }
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
            return xid;
        }
    }

    /** A copy of the cluster, recovered to just before the transaction's commit and paused there. */
    SourceCluster copy(SourceCluster live, SourceCluster.Backup backup, CommittedTransaction transaction)
            throws Exception {
        live.run("select pg_switch_wal()");
        Files.createFile(backup.folder().resolve("recovery.signal"));
        SourceCluster copy = SourceCluster.startOn(
                backup.folder(),
                "restore_command = 'cp \"" + live.data().resolve("pg_wal") + "/%f\" \"%p\"'",
                "recovery_target_lsn = '" + transaction.readableUntil() + "'",
                "recovery_target_inclusive = off",
                "recovery_target_action = pause",
                "archive_mode = off");
        Awaitility.await()
                .until(() -> copy.text("select pg_get_wal_replay_pause_state()").equals("paused"));
        return copy;
    }

    interface Scenario {
        void check(SourceCluster live, SourceCluster copy, CommittedTransaction transaction, WalFolder wal)
                throws Exception;
    }

    void scenario(List<String> before, List<String> attack, List<String> after, Scenario check) throws Exception {
        try (SourceCluster live = SourceCluster.start(folder)) {
            live.run(before.toArray(String[]::new));
            SourceCluster.Backup backup = live.backup(folder.resolve("copy"));
            long xid = attack(live, attack.toArray(String[]::new));
            live.run(after.toArray(String[]::new));
            WalFolder wal = WalFolder.of(live);
            CommittedTransaction transaction =
                    TransactionScan.commitPosition(wal, backup.redo(), xid).orElseThrow();
            try (SourceCluster copy = copy(live, backup, transaction)) {
                check.check(live, copy, transaction, wal);
            }
        }
    }

    ReturnResult bringBack(
            SourceCluster live,
            SourceCluster copy,
            CommittedTransaction transaction,
            WalFolder wal,
            ReturnOptions options)
            throws Exception {
        return bringBack(live, copy, transaction, wal, options, () -> {});
    }

    ReturnResult bringBack(
            SourceCluster live,
            SourceCluster copy,
            CommittedTransaction transaction,
            WalFolder wal,
            ReturnOptions options,
            ReturnGuard guard)
            throws Exception {
        try (Connection fromCopy = copy.connect();
                Connection toLive = live.connect()) {
            ReturnResult result = RowReturn.run(wal, transaction, fromCopy, toLive, options, guard);
            try (var left = Files.list(folder)) {
                assertThat(left.filter(path -> path.toString().contains("muster-rows")))
                        .isEmpty();
            }
            return result;
        }
    }

    ReturnOptions defaults() {
        return ReturnOptions.defaults(folder);
    }

    static ReturnedRelation of(ReturnResult result, String name) {
        return result.relations().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static String code(PostgresException e) {
        return e.code();
    }
}
