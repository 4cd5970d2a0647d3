package dev.muster.catalog;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The systems' descriptions, with every earlier version kept. */
public final class SystemRecords {
    /** More systems than one installation is made for; a list does not grow beyond it. */
    private static final int MOST = 10_000;

    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    private final Database database;
    private final Documents documents;

    SystemRecords(Database database) {
        this.database = database;
        this.documents = new Documents(database);
    }

    /**
     * Makes this the system's description. The same text again changes nothing.
     *
     * @param by who changes it
     * @return the version: SHA-256 of the text's bytes, hexadecimal
     */
    public String put(String name, String yaml, String by) {
        String version = documents.put("system", yaml);
        database.inTransaction(handle -> {
            int changed = handle.execute(
                    "insert into record.system (name, version, changed_by, changed_at) values (?, ?, ?, now())"
                            + " on conflict (name) do update set version = excluded.version,"
                            + " changed_by = excluded.changed_by, changed_at = excluded.changed_at"
                            + " where system.version <> excluded.version",
                    name,
                    version,
                    by);
            if (changed == 1) {
                handle.execute(
                        "insert into record.system_change (name, version, changed_by, changed_at)"
                                + " values (?, ?, ?, now())",
                        name,
                        version,
                        by);
            }
            return changed;
        });
        return version;
    }

    public Optional<SystemRecord> find(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return database.with(handle -> handle.createQuery("select name, content, version, changed_by, changed_at"
                        + " from record.system join record.document on version = hash where name = :name")
                .bind("name", name)
                .map((row, context) -> new SystemRecord(
                        Columns.text(row, "name"),
                        Columns.text(row, "content"),
                        Columns.text(row, "version"),
                        Columns.text(row, "changed_by"),
                        Columns.time(row, "changed_at")))
                .findOne());
    }

    /** By name, at most 10,000. */
    public List<SystemSummary> list() {
        return database.with(handle -> handle.createQuery(
                        "select name, version, changed_by, changed_at from record.system order by name limit :most")
                .bind("most", MOST)
                .map((row, context) -> new SystemSummary(
                        Columns.text(row, "name"),
                        Columns.text(row, "version"),
                        Columns.text(row, "changed_by"),
                        Columns.time(row, "changed_at")))
                .list());
    }
}
