package dev.muster.postgres.walscan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** pg_class and pg_namespace of one database (or pg_database, of the shared ones), followed through the WAL. */
final class DatabaseCatalogue {
    private final long database;
    private final long tablespace;
    private final String folder;
    private final BackupFiles files;
    private final BiConsumer<RelationFile, CatalogueHeap> register;
    private final Map<Long, CatalogueHeap> heaps = new HashMap<>();
    private final Set<Long> pending = new HashSet<>();
    private final Set<Long> mappedFiles = new HashSet<>();
    private @Nullable RelationMap map;

    /** @param register takes each file that this catalogue wants to hear of from the WAL */
    DatabaseCatalogue(
            long database,
            long tablespace,
            String folder,
            BackupFiles files,
            BiConsumer<RelationFile, CatalogueHeap> register) {
        this.database = database;
        this.tablespace = tablespace;
        this.folder = folder;
        this.files = files;
        this.register = register;
    }

    long database() {
        return database;
    }

    /** Follows the catalogues from this map on; later maps come through {@link #move}. */
    void begin(RelationMap first) {
        map = first;
        mappedFiles.addAll(first.files().values());
        first.file(mapped()).ifPresent(this::follow);
    }

    void move(RelationMap next) {
        map = next;
        next.file(mapped()).ifPresent(this::follow);
    }

    /** A map that the WAL brings later: its files are filled before the WAL says what they are for. */
    void expect(RelationMap later) {
        mappedFiles.addAll(later.files().values());
        later.file(mapped()).ifPresent(this::follow);
    }

    /** Whether the file is, was or will be that of a catalogue that is not placed by pg_class. */
    boolean isMapped(long file) {
        return mappedFiles.contains(file);
    }

    /** The catalogue that the relation map places. */
    long mapped() {
        return database == 0 ? CatalogueRow.PG_DATABASE : CatalogueRow.PG_CLASS;
    }

    void follow(long file) {
        if (heaps.containsKey(file)) {
            return;
        }
        CatalogueHeap heap = new CatalogueHeap(this::seen);
        heaps.put(file, heap);
        register.accept(new RelationFile(tablespace, database, file), heap);
        heap.load(files, folder + "/" + file);
    }

    /** Takes over everything from the database whose files were copied for this one. */
    void copyFrom(DatabaseCatalogue template) {
        map = template.map;
        List.copyOf(template.heaps.entrySet()).forEach(entry -> {
            CatalogueHeap heap = new CatalogueHeap(this::seen);
            heaps.put(entry.getKey(), heap);
            register.accept(new RelationFile(tablespace, database, entry.getKey()), heap);
            heap.copyFrom(entry.getValue());
        });
    }

    /** pg_namespace is placed by its row in pg_class, and by that of the table that VACUUM FULL fills for it. */
    private void seen(byte[] tuple) {
        if (database == 0 || !CatalogueRow.isRelation(tuple)) {
            return;
        }
        boolean schemas = CatalogueRow.oid(tuple) == CatalogueRow.PG_NAMESPACE
                || CatalogueRow.name(tuple).equals("pg_temp_" + CatalogueRow.PG_NAMESPACE);
        if (schemas && CatalogueRow.relationFile(tuple) != 0) {
            pending.add(CatalogueRow.relationFile(tuple));
        }
    }

    /** Begins to follow what the tuples seen since the last call point to. */
    void settle() {
        while (!pending.isEmpty()) {
            Set<Long> found = Set.copyOf(pending);
            pending.clear();
            found.forEach(this::follow);
        }
    }

    /** Rows of pg_database that are visible. */
    Map<Long, String> databases(HeapTuple.Committed committed) {
        Map<Long, String> names = new TreeMap<>();
        CatalogueHeap heap = current(mapped(), OptionalLong.empty());
        if (heap != null) {
            heap.each(tuple -> {
                if (CatalogueRow.isNamed(tuple) && HeapTuple.isVisible(tuple, committed)) {
                    names.put(CatalogueRow.oid(tuple), CatalogueRow.name(tuple));
                }
            });
        }
        return names;
    }

    /** The heap of pg_class, or null if this database's relation map is not known. */
    @Nullable CatalogueHeap classes() {
        return current(CatalogueRow.PG_CLASS, OptionalLong.empty());
    }

    Map<Long, String> schemas(OptionalLong file, HeapTuple.Committed committed) {
        Map<Long, String> names = new HashMap<>();
        CatalogueHeap heap = current(CatalogueRow.PG_NAMESPACE, file);
        if (heap != null) {
            heap.each(tuple -> {
                if (CatalogueRow.isNamed(tuple) && HeapTuple.isVisible(tuple, committed)) {
                    names.put(CatalogueRow.oid(tuple), CatalogueRow.name(tuple));
                }
            });
        }
        return names;
    }

    private @Nullable CatalogueHeap current(long oid, OptionalLong file) {
        RelationMap known = map;
        if (known == null) {
            return null;
        }
        OptionalLong found = file.isPresent() ? file : known.file(oid);
        return found.isPresent() ? heaps.get(found.getAsLong()) : null;
    }
}
