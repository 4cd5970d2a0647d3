package dev.muster.postgres.walscan;

import dev.muster.postgres.walscan.RelationThen.Fate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the answer for one moment out of the catalogues as they are then. */
final class NameLookup {
    /** Below, files are those of catalogues as initdb made them. */
    private static final long FIRST_USER_FILE = 16384;

    private final Map<Long, DatabaseCatalogue> catalogues;
    private final CommitLog commits;
    private final WalFormat format;
    private final Map<RelationFile, RelationThen> found = new TreeMap<>();
    private final List<String> doubts = new ArrayList<>();

    NameLookup(Map<Long, DatabaseCatalogue> catalogues, CommitLog commits, WalFormat format) {
        this.catalogues = catalogues;
        this.commits = commits;
        this.format = format;
    }

    NamesThen at(CatalogueNames.Moment moment) {
        DatabaseCatalogue shared = catalogues.get(0L);
        Map<Long, String> databases = shared == null ? Map.of() : shared.databases(commits::isCommitted);
        Map<Long, Set<RelationFile>> byDatabase = new TreeMap<>();
        for (RelationFile relation : moment.relations()) {
            byDatabase
                    .computeIfAbsent(relation.database(), unused -> new HashSet<>())
                    .add(relation);
        }
        // Shared relations are all of the system.
        byDatabase.remove(0L);
        byDatabase.forEach((database, relations) -> {
            String name = databases.get(database);
            if (name == null) {
                doubts.add("The name of database " + database + " is not known");
                name = "database " + database;
            }
            look(catalogues.get(database), name, relations, moment.transactions());
        });
        return new NamesThen(Map.copyOf(found), Map.copyOf(databases), List.copyOf(doubts));
    }

    private void look(
            @Nullable DatabaseCatalogue catalogue, String database, Set<RelationFile> wanted, Set<Long> transactions) {
        CatalogueHeap classes = catalogue == null ? null : catalogue.classes();
        if (catalogue == null || classes == null) {
            doubts.add("The names in " + database + " are not known: neither the backup nor the WAL says where its"
                    + " pg_class lies");
            return;
        }
        if (classes.isIncomplete()) {
            doubts.add("Names in " + database + " may be out of date: a page of pg_class that the WAL changes is not in"
                    + " the backup");
        }
        HeapTuple.Committed before = commits::isCommitted;
        HeapTuple.Committed after = xid -> transactions.contains(xid) || commits.isCommitted(xid);
        Map<Long, CatalogueRow.Relation> byFile = new HashMap<>();
        Map<Long, Long> toastOwners = new HashMap<>();
        Map<Long, CatalogueRow.Relation> afterwards = new HashMap<>();
        Set<String> made = new HashSet<>();
        long[] schemaFile = new long[1];
        classes.each(tuple -> {
            if (!CatalogueRow.isRelation(tuple)) {
                return;
            }
            if (HeapTuple.isMadeBy(tuple, transactions)) {
                made.add(CatalogueRow.name(tuple));
            }
            boolean visibleAfter = HeapTuple.isVisible(tuple, after);
            if (visibleAfter) {
                CatalogueRow.Relation row = CatalogueRow.relation(tuple, format);
                afterwards.put(row.oid(), row);
            }
            if (HeapTuple.isVisible(tuple, before)) {
                CatalogueRow.Relation row = CatalogueRow.relation(tuple, format);
                byFile.put(row.file(), row);
                if (row.toast() != 0) {
                    toastOwners.put(row.toast(), row.oid());
                }
                if (row.oid() == CatalogueRow.PG_NAMESPACE) {
                    schemaFile[0] = row.file();
                }
            }
        });
        Map<Long, String> schemas = catalogue.schemas(OptionalLong.of(schemaFile[0]), before);
        Map<Long, CatalogueRow.Relation> created = new HashMap<>();
        afterwards.values().forEach(row -> created.put(row.file(), row));
        for (RelationFile file : wanted) {
            CatalogueRow.Relation row = byFile.get(file.number());
            if (row == null) {
                row = created.get(file.number());
            }
            if (row == null) {
                if (file.number() >= FIRST_USER_FILE
                        && !catalogue.isMapped(file.number())
                        && !isTransient(file, transactions, classes)) {
                    doubts.add("The relation of file " + file + " is not in pg_class of " + database);
                }
                continue;
            }
            Fate fate = byFile.containsKey(file.number()) ? fate(row, afterwards.get(row.oid()), made) : Fate.CREATED;
            String schema = schemas.get(row.namespace());
            if (schema == null) {
                schema =
                        catalogue.schemas(OptionalLong.of(schemaFile[0]), after).get(row.namespace());
            }
            if (schema == null) {
                doubts.add("The schema of " + row.name() + " in " + database + " is not known");
                schema = "schema " + row.namespace();
            }
            found.put(
                    file,
                    new RelationThen(
                            file,
                            database,
                            schema,
                            row.name(),
                            row.oid(),
                            row.kind(),
                            fate,
                            toastOwners.getOrDefault(row.oid(), 0L),
                            row.rows() < 0 ? OptionalLong.empty() : OptionalLong.of((long) row.rows())));
        }
    }

    private static Fate fate(CatalogueRow.Relation then, CatalogueRow.@Nullable Relation next, Set<String> made) {
        if (next == null) {
            return Fate.DROPPED;
        }
        if (next.file() == then.file()) {
            return Fate.KEPT;
        }
        // A rewrite fills a table of this name and exchanges the files; TRUNCATE does not.
        return made.contains("pg_temp_" + then.oid()) ? Fate.REWRITTEN : Fate.TRUNCATED;
    }

    /** Whether the transaction itself made the file and gave it up again, such as a rewrite's temporary table. */
    private static boolean isTransient(RelationFile file, Set<Long> transactions, CatalogueHeap classes) {
        boolean[] found = new boolean[1];
        classes.each(tuple -> {
            if (CatalogueRow.isRelation(tuple)
                    && CatalogueRow.relationFile(tuple) == file.number()
                    && HeapTuple.isMadeBy(tuple, transactions)) {
                found[0] = true;
            }
        });
        return found[0];
    }
}
