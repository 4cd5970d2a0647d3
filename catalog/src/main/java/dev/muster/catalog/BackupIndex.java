package dev.muster.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** What lies in the stores, as it was seen last. */
public final class BackupIndex {
    /** More than an observation ever holds. */
    private static final int MOST_ROWS = 100_000;

    private static final int MOST_DATABASES = 1_000;

    private final Database database;

    BackupIndex(Database database) {
        this.database = database;
    }

    /**
     * Replaces all that is known of one database's store, in one transaction.
     *
     * @return false if what is known was observed later: then it stays
     */
    public boolean replace(SourceIndex seen) {
        return database.inTransaction(handle -> {
            // The row is locked by this, so that two replacements come one after the other.
            int newer = handle.execute(
                    "insert into index.source (system, database, observed_at, wal_end_time) values (?, ?, ?, ?)"
                            + " on conflict (system, database) do update set observed_at = excluded.observed_at,"
                            + " wal_end_time = excluded.wal_end_time"
                            + " where source.observed_at <= excluded.observed_at",
                    seen.system(),
                    seen.database(),
                    Columns.of(seen.observedAt()),
                    Columns.ofNullable(seen.walEndTime()));
            if (newer == 0) {
                return false;
            }
            for (String table : List.of("backup", "wal_range", "timeline_switch")) {
                handle.execute(
                        "delete from index." + table + " where system = ? and database = ?",
                        seen.system(),
                        seen.database());
            }
            writeBackups(handle, seen);
            writeWal(handle, seen);
            return true;
        });
    }

    private static void writeBackups(Handle handle, SourceIndex seen) {
        if (seen.backups().isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(
                "insert into index.backup (system, database, id, kind, cluster_id, server_version, timeline,"
                        + " start_lsn, stop_lsn, start_time, stop_time, bytes) values (:system, :database, :id, :kind,"
                        + " :clusterId, :serverVersion, :timeline, :startLsn::pg_lsn, :stopLsn::pg_lsn, :startTime,"
                        + " :stopTime, :bytes)");
        for (IndexedBackup backup : seen.backups()) {
            batch.bind("system", seen.system())
                    .bind("database", seen.database())
                    .bind("id", backup.id())
                    .bind("kind", backup.kind())
                    .bind("clusterId", backup.clusterId())
                    .bind("serverVersion", backup.serverVersion())
                    .bind("timeline", backup.timeline())
                    .bind("startLsn", backup.startLsn())
                    .bind("stopLsn", backup.stopLsn())
                    .bind("startTime", Columns.of(backup.startTime()))
                    .bind("stopTime", Columns.of(backup.stopTime()))
                    .bind("bytes", backup.bytes())
                    .add();
        }
        batch.execute();
    }

    private static void writeWal(Handle handle, SourceIndex seen) {
        for (IndexedWalRange range : seen.walRanges()) {
            handle.execute(
                    "insert into index.wal_range (system, database, timeline, from_lsn, to_lsn)"
                            + " values (?, ?, ?, ?::pg_lsn, ?::pg_lsn)",
                    seen.system(),
                    seen.database(),
                    range.timeline(),
                    range.fromLsn(),
                    range.toLsn());
        }
        for (IndexedTimelineSwitch left : seen.timelines()) {
            handle.execute(
                    "insert into index.timeline_switch (system, database, timeline, parent, at_lsn)"
                            + " values (?, ?, ?, ?, ?::pg_lsn)",
                    seen.system(),
                    seen.database(),
                    left.timeline(),
                    left.parent(),
                    left.atLsn());
        }
    }

    /** All databases of the system that were ever observed, by name. */
    public List<SourceIndex> of(String system) {
        String wanted = Columns.storable(system);
        return database.inTransaction(handle -> {
            // One moment for all tables: a replacement in between would mix two observations.
            handle.execute("set transaction isolation level repeatable read, read only");
            return handle
                    .createQuery("select database from index.source where system = :system order by database"
                            + " limit :most")
                    .bind("system", wanted)
                    .bind("most", MOST_DATABASES)
                    .mapTo(String.class)
                    .list()
                    .stream()
                    .flatMap(name -> read(handle, wanted, name).stream())
                    .toList();
        });
    }

    private static Optional<SourceIndex> read(Handle handle, String system, String database) {
        List<IndexedBackup> backups = handle.createQuery("select * from index.backup where system = :system and"
                        + " database = :database order by stop_lsn desc, id desc limit :most")
                .bind("system", system)
                .bind("database", database)
                .bind("most", MOST_ROWS)
                .map((row, context) -> backup(row))
                .list();
        List<IndexedWalRange> ranges = handle.createQuery("select * from index.wal_range where system = :system and"
                        + " database = :database order by timeline, from_lsn limit :most")
                .bind("system", system)
                .bind("database", database)
                .bind("most", MOST_ROWS)
                .map((row, context) -> new IndexedWalRange(
                        row.getInt("timeline"), Columns.text(row, "from_lsn"), Columns.text(row, "to_lsn")))
                .list();
        List<IndexedTimelineSwitch> timelines = handle.createQuery("select * from index.timeline_switch where"
                        + " system = :system and database = :database order by timeline limit :most")
                .bind("system", system)
                .bind("database", database)
                .bind("most", MOST_ROWS)
                .map((row, context) -> new IndexedTimelineSwitch(
                        row.getInt("timeline"), row.getInt("parent"), Columns.text(row, "at_lsn")))
                .list();
        return handle.createQuery("select * from index.source where system = :system and database = :database")
                .bind("system", system)
                .bind("database", database)
                .map((row, context) -> new SourceIndex(
                        system,
                        database,
                        Columns.time(row, "observed_at"),
                        Columns.timeOrNull(row, "wal_end_time"),
                        backups,
                        ranges,
                        timelines))
                .findOne();
    }

    static IndexedBackup backup(ResultSet row) throws SQLException {
        return new IndexedBackup(
                Columns.text(row, "id"),
                Columns.text(row, "kind"),
                Columns.text(row, "cluster_id"),
                row.getInt("server_version"),
                row.getInt("timeline"),
                Columns.text(row, "start_lsn"),
                Columns.text(row, "stop_lsn"),
                Columns.time(row, "start_time"),
                Columns.time(row, "stop_time"),
                row.getLong("bytes"));
    }
}
