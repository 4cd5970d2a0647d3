package dev.muster.postgres.rowreturn;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.rowreturn.ReturnResult.ReturnedRelation;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.RelationFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings back what one transaction deleted. The copy, recovered to just before the transaction's commit and paused
 * there, still shows the rows; the WAL says where they lay. All relations are filled in one live transaction, so that
 * either everything is back or nothing has changed; a repeat finds the rows already there.
 */
public final class RowReturn {
    private static final long FIRST_USER_OID = 16384;
    /** The end of the record before the commit and the commit's start differ by at most a page header. */
    private static final long PAGE_HEADER = 40;

    private static final long LOCK = 0x6D757374_65727272L;

    private final Connection copy;
    private final Connection live;
    private final ReturnOptions options;
    private final List<StagedTable> staged = new ArrayList<>();
    private boolean deferred;

    private RowReturn(Connection copy, Connection live, ReturnOptions options) {
        this.copy = copy;
        this.live = live;
        this.options = options;
    }

    /**
     * Brings the rows back.
     *
     * @param wal of the timeline that the transaction ran on
     * @param transaction as {@link dev.muster.postgres.walscan.TransactionScan#commitPosition} finds it
     * @param copy a session of its own on the copy, in the database in question; may read all tables
     * @param live a session of its own on the live database; may write the tables
     * @param guard asked just before the commit
     * @throws PostgresException TRANSACTION_BEGAN_EARLIER, WAL_GAP, COPY_NOT_AT_TARGET, COPY_LOCKED, COPY_WRONG_DATABASE, LIVE_IS_READ_ONLY, ROWS_NOT_ON_COPY,
     *     RELATION_UNKNOWN, RELATION_MISSING, COLUMNS_CHANGED, TRIGGERS_WOULD_FIRE, ROW_RETURN_TOO_LARGE,
     *     ROW_RETURN_FAILED; nothing is changed then. ROW_RETURN_UNKNOWN if the connection was lost during the commit:
     *     repeat, which is harmless
     */
    public static ReturnResult run(
            WalBytes wal,
            CommittedTransaction transaction,
            Connection copy,
            Connection live,
            ReturnOptions options,
            ReturnGuard guard) {
        refuseUnseenBeginning(transaction);
        RowReturn work = new RowReturn(copy, live, options);
        try (DeletedRows rows = DeletedRows.collect(
                wal, transaction.firstRecord(), transaction, options.temporary(), options.maxRowsHeld())) {
            try {
                work.prepareSessions();
                work.checkCopy(transaction);
                work.stage(rows);
                work.insert(guard);
                return new ReturnResult(work.verify(), rows.untraceable());
            } finally {
                work.cleanUp();
            }
        } catch (SQLException e) {
            throw StagedTable.failed("bring rows back", e);
        }
    }

    /** What it deleted before the WAL at hand begins would stay away, and nobody would notice. */
    private static void refuseUnseenBeginning(CommittedTransaction transaction) {
        if (transaction.mayHaveBegunEarlier()) {
            throw new PostgresException(
                    "TRANSACTION_BEGAN_EARLIER",
                    "Transaction " + transaction.xid() + " may have begun before " + transaction.firstRecord()
                            + ", where the WAL that was read begins, so that not all rows that it deleted are known",
                    "Use a backup from before the transaction began. Nothing was changed.");
        }
    }

    private void prepareSessions() throws SQLException {
        for (Connection connection : List.of(copy, live)) {
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                // The same text for the same value on both ends.
                statement.execute("set search_path = ''; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres';"
                        + " set timezone = 'UTC'; set extra_float_digits = 3; set bytea_output = 'hex';"
                        + " set lc_monetary = 'C'; set xmloption = 'content'; set row_security = off;"
                        + " set lock_timeout = " + options.lockTimeout().toMillis() + ";"
                        + " set statement_timeout = "
                        + options.statementTimeout().toMillis());
            }
        }
        try (Statement statement = live.createStatement()) {
            // Else foreign keys would not be checked. Only where it must be: setting it takes a right of its own.
            if (!flag(live, "select current_setting('session_replication_role') = 'origin'")) {
                statement.execute("set session_replication_role = origin");
            }
            if (flag(live, "select pg_is_in_recovery()")) {
                throw new PostgresException(
                        "LIVE_IS_READ_ONLY",
                        "The live database is in recovery and cannot be written",
                        "Was the connection to the live database made to a standby, or were both ends exchanged?");
            }
        }
    }

    private void checkCopy(CommittedTransaction transaction) throws SQLException {
        // What the transaction locked for itself, such as what it truncated, can only be read before that.
        Lsn target = options.wholeRelations().isEmpty() ? transaction.commitStart() : transaction.readableUntil();
        String replayed = text(copy, "select pg_last_wal_replay_lsn()");
        boolean paused = replayed != null
                && flag(
                        copy,
                        "select case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() = 'paused'"
                                + " else false end");
        if (!paused
                || replayed == null
                || !(isAt(Lsn.parse(replayed), target) || isAt(Lsn.parse(replayed), transaction.readableUntil()))) {
            throw new PostgresException(
                    "COPY_NOT_AT_TARGET",
                    "The copy is not paused just before " + target + ", where the rows of transaction "
                            + transaction.xid() + " can be read: it has replayed to " + replayed
                            + (paused ? "" : ", and is not paused"),
                    "Recover it with recovery_target_lsn = '" + target
                            + "', recovery_target_inclusive = off, recovery_target_action = pause.");
        }
    }

    private static boolean isAt(Lsn replayed, Lsn target) {
        long missing = target.minus(replayed);
        return missing >= 0 && missing <= PAGE_HEADER;
    }

    private void stage(DeletedRows rows) throws SQLException {
        Tables onCopy = new Tables(copy);
        Tables onLive = new Tables(live);
        boolean sameCluster = java.util.Objects.equals(
                text(copy, "select system_identifier from pg_control_system()"),
                text(live, "select system_identifier from pg_control_system()"));
        long database = Long.parseLong(text(copy, "select oid from pg_database where datname = current_database()"));
        Map<Table, TidSpill> positions = new HashMap<>();
        Set<Table> tables = new LinkedHashSet<>();
        for (Map.Entry<RelationFile, DeletedRows.Relation> entry :
                rows.relations().entrySet()) {
            if (entry.getValue().deleted().count() > 0) {
                locate(onCopy, entry.getKey(), entry.getValue().deleted().count(), database)
                        .ifPresent(table -> {
                            tables.add(table);
                            positions.put(table, entry.getValue().deleted());
                        });
            }
        }
        for (long oid : options.wholeRelations()) {
            Table table = onCopy.byOid(oid).orElseThrow(() -> unknown("The copy has no relation with oid " + oid));
            tables.add(table);
            positions.remove(table);
        }
        Map<Long, StagedTable> byLive = new HashMap<>();
        int number = 0;
        for (Table table : tables) {
            Table target = match(table, onLive, sameCluster);
            checkTarget(table, target, onLive);
            byLive.put(target.oid(), new StagedTable(copy, live, table, target, number++));
        }
        InsertOrder order =
                InsertOrder.of(List.copyOf(byLive.keySet()), onLive.references(List.copyOf(byLive.keySet())));
        useTypeSchemas(tables);
        // All is checked; from here on temporary tables are made, then the one transaction.
        deferred = order.circular();
        for (long oid : order.tables()) {
            StagedTable stage = java.util.Objects.requireNonNull(byLive.get(oid));
            staged.add(stage);
            stage.create();
        }
        for (Table table : tables) {
            StagedTable stage = staged.stream()
                    .filter(each -> each.isFrom(table))
                    .findFirst()
                    .orElseThrow();
            TidSpill spill = positions.get(table);
            if (spill == null) {
                stage.loadAll();
            } else {
                stage.load(spill, options.batch());
            }
            stage.prepareComparison();
        }
    }

    /** The table that the file belongs to on the copy; empty for what needs no bringing back. */
    private Optional<Table> locate(Tables onCopy, RelationFile file, long count, long database) throws SQLException {
        if (file.database() == 0) {
            return Optional.empty();
        }
        if (file.database() != database) {
            throw new PostgresException(
                    "COPY_WRONG_DATABASE",
                    "The transaction deleted rows in the database with oid " + file.database()
                            + ", but the session on the copy is in the one with oid " + database,
                    "Connect both sessions to the database that the rows were deleted in.");
        }
        Optional<Long> oid = onCopy.oid(file);
        if (oid.isEmpty() && file.number() < FIRST_USER_OID) {
            return Optional.empty();
        }
        if (oid.isEmpty()) {
            throw unknown("The transaction deleted " + count + " rows from the file " + file
                    + ", which belongs to no relation on the copy");
        }
        if (oid.get() < FIRST_USER_OID) {
            return Optional.empty();
        }
        // A toast relation's rows come with those of its table.
        return onCopy.byOid(oid.get()).filter(table -> table.kind() == 'r');
    }

    private static PostgresException unknown(String message) {
        return new PostgresException(
                "RELATION_UNKNOWN",
                message,
                "A transaction that rewrites a table (ALTER TABLE) and deletes from it, or that made the table itself,"
                        + " cannot be undone row by row: bring the table back from the copy by hand.");
    }

    private static Table match(Table table, Tables onLive, boolean sameCluster) throws SQLException {
        Optional<Table> found = sameCluster ? onLive.byOid(table.oid()) : Optional.empty();
        if (found.isEmpty() || found.get().kind() != table.kind()) {
            found = onLive.byName(table.schema(), table.name()).filter(each -> each.kind() == table.kind());
        }
        return found.orElseThrow(() -> new PostgresException(
                "RELATION_MISSING",
                "The live database has no table " + table.qualifiedName() + " (oid " + table.oid() + ") any more",
                "Create it again, with the definition that it has on the copy, then repeat."));
    }

    private void checkTarget(Table from, Table to, Tables onLive) throws SQLException {
        Set<Table.Column> before = new LinkedHashSet<>(from.columns());
        Set<Table.Column> now = new LinkedHashSet<>(to.columns());
        if (!before.equals(now)) {
            Set<Table.Column> gone = new LinkedHashSet<>(before);
            gone.removeAll(now);
            now.removeAll(before);
            throw new PostgresException(
                    "COLUMNS_CHANGED",
                    "The columns of " + to.qualifiedName() + " have changed since: then " + describe(gone) + ", now "
                            + describe(now),
                    "Bring the columns into the form that they have on the copy, or bring this table's rows back by"
                            + " hand. Nothing was changed.");
        }
        List<String> actions = options.fireTriggers() ? List.of() : onLive.insertActions(to.oid());
        if (!actions.isEmpty()) {
            throw new PostgresException(
                    "TRIGGERS_WOULD_FIRE",
                    "Rows that come back to " + to.qualifiedName() + " would set off " + String.join(", ", actions),
                    "Say that they may fire, or disable them for the time being. Nothing was changed.");
        }
    }

    private static String describe(Set<Table.Column> columns) {
        return columns.isEmpty()
                ? "nothing else"
                : String.join(
                        ", ",
                        columns.stream()
                                .map(column ->
                                        column.name() + " " + column.type() + (column.generated() ? " generated" : ""))
                                .toList());
    }

    /** Operators of types from extensions are found only where their schema is in the path. */
    private void useTypeSchemas(Set<Table> tables) throws SQLException {
        Set<String> schemas = new LinkedHashSet<>();
        schemas.add("pg_catalog");
        tables.forEach(table -> table.columns().forEach(column -> schemas.add(column.typeSchema())));
        try (Statement statement = live.createStatement()) {
            statement.execute("set search_path = " + Sql.columns(schemas));
        }
    }

    private void insert(ReturnGuard guard) throws SQLException {
        live.setAutoCommit(false);
        boolean committing = false;
        try (Statement statement = live.createStatement()) {
            // Whatever the role's defaults are: what others commit while the lock is waited for must be seen.
            statement.execute("set transaction isolation level read committed, read write");
            // Two attempts at once would each find rows missing that the other is about to insert.
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
            if (deferred) {
                statement.execute("set constraints all deferred");
            }
            for (StagedTable table : staged) {
                table.insert();
            }
            if (deferred) {
                statement.execute("set constraints all immediate");
            }
            guard.check();
            committing = true;
            live.commit();
        } catch (SQLException e) {
            if (committing && (e.getSQLState() == null || e.getSQLState().startsWith("08"))) {
                throw new PostgresException(
                        "ROW_RETURN_UNKNOWN",
                        "The connection to the live database was lost during the commit: " + e.getMessage(),
                        "The rows may be back or not. Repeat: rows that are there are left alone.",
                        e);
            }
            rollback(e);
            throw e;
        } catch (RuntimeException e) {
            rollback(e);
            throw e;
        }
        live.setAutoCommit(true);
    }

    private void rollback(Exception cause) {
        try {
            live.rollback();
            live.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private List<ReturnedRelation> verify() throws SQLException {
        List<ReturnedRelation> results = new ArrayList<>();
        for (StagedTable table : staged) {
            results.add(table.verify());
        }
        return List.copyOf(results);
    }

    private void cleanUp() {
        for (StagedTable table : staged) {
            try {
                table.drop();
            } catch (SQLException e) {
                // The session ends soon, and its temporary tables with it.
                return;
            }
        }
    }

    private static boolean flag(Connection connection, String query) throws SQLException {
        return "t".equals(text(connection, query));
    }

    private static @org.jspecify.annotations.Nullable String text(Connection connection, String query)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
