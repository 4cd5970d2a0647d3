package dev.muster.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Which repository holds which backup, as they were seen last. */
public final class CopyIndex {
    private static final int MOST_ROWS = 100_000;
    private static final int LONGEST_TEXT = 1_000;

    private final Database database;

    CopyIndex(Database database) {
        this.database = database;
    }

    /**
     * Keeps what was seen in one repository. A backup that was not seen is forgotten only by a look that saw everything: of
     * a store that could not be read, or not to its end, nothing is proved gone.
     *
     * @param everything whether what is not among the copies is not there
     * @return false if a later look is known: then nothing changes
     */
    public boolean keep(RepositoryIndex seen, boolean everything) {
        return database.inTransaction(handle -> {
            // The row is locked by this, so that two looks come one after the other. What a clock that was ahead has
            // written must not keep later looks away until then.
            int newer = handle.execute(
                    "insert into index.repository (system, database, repository, store, observed_at)"
                            + " values (?, ?, ?, ?, ?) on conflict (system, database, repository) do update set"
                            + " store = excluded.store, observed_at = excluded.observed_at"
                            + " where repository.observed_at <= excluded.observed_at"
                            + " or (repository.observed_at > now() + interval '1 hour'"
                            + " and excluded.observed_at <= now())",
                    seen.system(),
                    seen.database(),
                    seen.repository(),
                    Columns.storable(seen.store()),
                    Columns.of(seen.observedAt()));
            if (newer == 0) {
                return false;
            }
            writeCopies(handle, seen);
            if (everything) {
                handle.execute(
                        "delete from index.backup_copy where system = ? and database = ? and repository = ?"
                                + " and seen_at <> ?",
                        seen.system(),
                        seen.database(),
                        seen.repository(),
                        Columns.of(seen.observedAt()));
            }
            return true;
        });
    }

    private static void writeCopies(Handle handle, RepositoryIndex seen) {
        PreparedBatch copies = handle.prepareBatch("""
                insert into index.backup_copy (system, database, repository, id, kind, cluster_id, server_version,
                    timeline, start_lsn, stop_lsn, start_time, stop_time, bytes, committed, seen_at)
                values (:system, :database, :repository, :id, :kind, :clusterId, :serverVersion, :timeline,
                    :startLsn::pg_lsn, :stopLsn::pg_lsn, :startTime, :stopTime, :bytes, :committed, :seenAt)
                on conflict (system, database, repository, id) do update set kind = excluded.kind,
                    committed = excluded.committed, seen_at = excluded.seen_at
                """);
        PreparedBatch oldMarks = handle.prepareBatch("delete from index.keep_mark where system = :system"
                + " and database = :database and repository = :repository and id = :id");
        PreparedBatch marks = handle.prepareBatch("""
                insert into index.keep_mark (system, database, repository, id, mark, kept_by, why, made, until)
                values (:system, :database, :repository, :id, :mark, :by, :why, :made, :until)
                """);
        for (IndexedCopy copy : seen.copies()) {
            IndexedBackup backup = copy.backup();
            of(copies, seen, backup.id())
                    .bind("kind", backup.kind())
                    .bind("clusterId", backup.clusterId())
                    .bind("serverVersion", backup.serverVersion())
                    .bind("timeline", backup.timeline())
                    .bind("startLsn", backup.startLsn())
                    .bind("stopLsn", backup.stopLsn())
                    .bind("startTime", Columns.of(backup.startTime()))
                    .bind("stopTime", Columns.of(backup.stopTime()))
                    .bind("bytes", backup.bytes())
                    .bind("committed", Columns.of(copy.committed()))
                    .bind("seenAt", Columns.of(seen.observedAt()))
                    .add();
            of(oldMarks, seen, backup.id()).add();
            for (IndexedMark mark : copy.marks()) {
                of(marks, seen, backup.id())
                        .bind("mark", mark.mark())
                        .bind("by", Columns.shortened(mark.by(), LONGEST_TEXT))
                        .bind("why", Columns.shortened(mark.why(), LONGEST_TEXT))
                        .bind("made", Columns.ofNullable(mark.made()))
                        .bind("until", Columns.ofNullable(mark.until()))
                        .add();
            }
        }
        for (PreparedBatch batch : List.of(copies, oldMarks, marks)) {
            if (batch.size() > 0) {
                batch.execute();
            }
        }
    }

    private static PreparedBatch of(PreparedBatch batch, RepositoryIndex seen, String backup) {
        return batch.bind("system", seen.system())
                .bind("database", seen.database())
                .bind("repository", seen.repository())
                .bind("id", backup);
    }

    /** All repositories of the system that were ever looked into, by database and name. Marks that have ended are left out. */
    public List<RepositoryIndex> of(String system) {
        String wanted = Columns.storable(system);
        return database.inTransaction(handle -> {
            // One moment for all tables: a look in between would mix two observations.
            handle.execute("set transaction isolation level repeatable read, read only");
            Map<List<String>, List<IndexedMark>> marks = marks(handle, wanted);
            Map<List<String>, List<IndexedCopy>> copies = copies(handle, wanted, marks);
            return handle.createQuery("select * from index.repository where system = :system"
                            + " order by database, repository limit :most")
                    .bind("system", wanted)
                    .bind("most", MOST_ROWS)
                    .map((row, context) -> {
                        String name = Columns.text(row, "database");
                        String repository = Columns.text(row, "repository");
                        return new RepositoryIndex(
                                wanted,
                                name,
                                repository,
                                Columns.text(row, "store"),
                                Columns.time(row, "observed_at"),
                                copies.getOrDefault(List.of(name, repository), List.of()));
                    })
                    .list();
        });
    }

    private static Map<List<String>, List<IndexedCopy>> copies(
            Handle handle, String system, Map<List<String>, List<IndexedMark>> marks) {
        Map<List<String>, List<IndexedCopy>> found = new HashMap<>();
        handle.createQuery("select * from index.backup_copy where system = :system"
                        + " order by stop_lsn desc, id desc limit :most")
                .bind("system", system)
                .bind("most", MOST_ROWS)
                .map((row, context) -> {
                    String name = Columns.text(row, "database");
                    String repository = Columns.text(row, "repository");
                    IndexedBackup backup = BackupIndex.backup(row);
                    return found.computeIfAbsent(List.of(name, repository), key -> new ArrayList<>())
                            .add(new IndexedCopy(
                                    backup,
                                    Columns.time(row, "committed"),
                                    Columns.time(row, "seen_at"),
                                    marks.getOrDefault(List.of(name, repository, backup.id()), List.of())));
                })
                .list();
        return found;
    }

    private static Map<List<String>, List<IndexedMark>> marks(Handle handle, String system) {
        Map<List<String>, List<IndexedMark>> found = new HashMap<>();
        handle.createQuery("select * from index.keep_mark where system = :system and (until is null or until > now())"
                        + " order by mark limit :most")
                .bind("system", system)
                .bind("most", MOST_ROWS)
                .map((row, context) -> found.computeIfAbsent(
                                List.of(
                                        Columns.text(row, "database"),
                                        Columns.text(row, "repository"),
                                        Columns.text(row, "id")),
                                key -> new ArrayList<>())
                        .add(new IndexedMark(
                                Columns.text(row, "mark"),
                                Columns.text(row, "kept_by"),
                                Columns.text(row, "why"),
                                Columns.timeOrNull(row, "made"),
                                Columns.timeOrNull(row, "until"))))
                .list();
        return found;
    }
}
