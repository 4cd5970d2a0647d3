package dev.muster.activities.recovery;

import dev.muster.activities.CheckFailedException;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.rowreturn.ReturnGuard;
import dev.muster.postgres.rowreturn.ReturnOptions;
import dev.muster.postgres.rowreturn.ReturnResult;
import dev.muster.postgres.rowreturn.RowReturn;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.workflows.recovery.ReturnedRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Objects;

/** Brings the rows that the plan's destructive transaction deleted back from the copy into the live database. */
final class RowsBack {
    private final CopyOnHost copy;
    private final RecoveryServer server;
    private final Clock clock;

    RowsBack(CopyOnHost copy, RecoveryServer server, Clock clock) {
        this.copy = copy;
        this.server = server;
        this.clock = clock;
    }

    /** @param guard asked just before the live transaction commits */
    ReturnedRows run(ReturnGuard guard) throws Exception {
        DestructiveTransaction planned =
                Objects.requireNonNull(copy.target().destructive(), "rows are returned only from the last good point");
        BackupSummary summary = copy.summary();
        Path temporary = Files.createDirectories(copy.folder().resolve("row-positions"));
        try (WalBytes wal = copy.wal(summary).read(planned.timeline(), summary.start())) {
            CommittedTransaction transaction = find(wal, summary, planned);
            refuseWholeRelations(transaction);
            String database = databaseName(databaseOf(transaction));
            SystemDescription.Connection live = copy.database().description().connection();
            try (Connection onCopy = server.dataSource(database).getConnection();
                    Connection onLive = copy.database().connect(live.host(), live.port(), database)) {
                return report(
                        RowReturn.run(wal, transaction, onCopy, onLive, ReturnOptions.defaults(temporary), guard));
            }
        }
    }

    /** The very transaction of the plan: the same number may have been given out before. */
    private static CommittedTransaction find(WalBytes wal, BackupSummary summary, DestructiveTransaction planned) {
        return TransactionScan.commitPosition(wal, summary.start(), planned.xid())
                .filter(found ->
                        found.commitStart().equals(new Lsn(planned.commitStart().value())))
                .orElseThrow(() -> new PostgresException(
                        "TRANSACTION_MISSING",
                        "The stored WAL has no commit of transaction " + planned.xid() + " at " + planned.commitStart(),
                        "Was WAL removed from the store since the plan was made? Make a new plan."));
    }

    /**
     * TRUNCATE and DROP leave no deleted rows in the WAL that could be brought back one by one; without this the step
     * would bring nothing back and call it a success.
     */
    private static void refuseWholeRelations(CommittedTransaction transaction) {
        if (!transaction.removedFiles().isEmpty()
                || !transaction.droppedDatabases().isEmpty()) {
            throw new PostgresException(
                    "RELATIONS_REMOVED",
                    "Transaction " + transaction.xid() + " truncated, dropped or rewrote "
                            + (transaction.removedFiles().size()
                                    + transaction.droppedDatabases().size())
                            + " relations as a whole; their rows cannot be brought back row by row yet",
                    "Run the recovery with outcome: keep-copy and copy the tables from there by hand.");
        }
    }

    /** A transaction works in one database; shared catalogues, which belong to none, do not count. */
    private static long databaseOf(CommittedTransaction transaction) {
        return transaction.rows().keySet().stream()
                .mapToLong(RelationFile::database)
                .filter(oid -> oid != 0)
                .findFirst()
                .orElse(transaction.database());
    }

    private String databaseName(long oid) throws SQLException {
        try (Connection connection = server.dataSource("postgres").getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("select datname from pg_database where oid = ?")) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new PostgresException(
                            "COPY_WRONG_DATABASE",
                            "The copy has no database with the oid " + oid + ", in which the transaction ran",
                            "Was the database dropped? Then it is recovered by a copy that is kept, not row by row.");
                }
                return row.getString(1);
            }
        }
    }

    private ReturnedRows report(ReturnResult result) {
        for (ReturnResult.ReturnedRelation relation : result.relations()) {
            if (!relation.isVerified()) {
                throw new CheckFailedException(
                        "ROWS_NOT_VERIFIED",
                        "Of the " + (relation.expected() - relation.conflicting()) + " rows that belong back into "
                                + relation.schema() + "." + relation.name() + " only " + relation.verified()
                                + " were found there with the same content afterwards.",
                        "Does a trigger or the application change or delete them at once?");
            }
        }
        if (result.untraceable() > 0) {
            throw new CheckFailedException(
                    "ROWS_UNTRACEABLE",
                    result.untraceable() + " rows were moved to another partition by the transaction before it deleted"
                            + " them there, and were not brought back.",
                    "The others are back. Read these from the copy by hand: it is kept.");
        }
        return new ReturnedRows(
                result.relations().stream()
                        .map(relation -> new ReturnedRows.Relation(
                                relation.schema() + "." + relation.name(),
                                relation.expected(),
                                relation.returned(),
                                relation.alreadyThere(),
                                relation.conflicting()))
                        .toList(),
                clock.instant());
    }
}
