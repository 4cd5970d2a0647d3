package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u32;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what relations were called at given moments, from a backup and the WAL after it alone: the pages of
 * pg_class, pg_namespace and pg_database are taken from the backup and carried forward by the WAL. Reads the WAL once,
 * up to the last moment; holds these catalogues of the databases in question in memory.
 */
public final class CatalogueNames {
    private static final long DEFAULT_TABLESPACE = 1663;
    private static final long SHARED_TABLESPACE = 1664;
    private static final int STORAGE_TRUNCATE = 0x20;

    /**
     * A moment and what to look up there: just before the commit record of one transaction.
     *
     * @param position start of the commit record
     * @param transactions the transaction and its sub-transactions, not yet committed at this moment
     */
    public record Moment(Lsn position, Set<Long> transactions, Set<RelationFile> relations) {
        public static Moment before(CommittedTransaction transaction) {
            Set<Long> transactions = new HashSet<>(transaction.subtransactions());
            transactions.add(transaction.xid());
            Set<RelationFile> relations = new TreeSet<>(transaction.rows().keySet());
            relations.addAll(transaction.removedFiles());
            return new Moment(transaction.commitStart(), transactions, relations);
        }
    }

    private final BackupFiles files;
    private final WalBytes wal;
    private final Lsn start;
    private final ScanSummary scan;
    private final CommitLog commits;
    private final Map<RelationFile, CatalogueHeap> followed = new HashMap<>();
    private final Map<Long, DatabaseCatalogue> catalogues = new HashMap<>();

    /**
     * @param start the redo position of the backup's checkpoint
     * @param scan of the same WAL from {@code start} on
     */
    public CatalogueNames(BackupFiles files, WalBytes wal, Lsn start, ScanSummary scan) {
        this.files = files;
        this.wal = wal;
        this.start = start;
        this.scan = scan;
        this.commits = new CommitLog(files);
    }

    /**
     * Looks up all moments, which may be given in any order; the answers come in the same order. To be called once.
     *
     * @throws PostgresException CATALOGUE_UNREADABLE if the backup's shared relation map is missing or damaged
     */
    public List<NamesThen> at(List<Moment> moments) {
        prepare(moments);
        List<Integer> order = new ArrayList<>();
        List<NamesThen> found = new ArrayList<>();
        for (int i = 0; i < moments.size(); i++) {
            order.add(i);
            found.add(new NamesThen(Map.of(), Map.of(), List.of()));
        }
        order.sort(Comparator.comparing(index -> moments.get(index).position()));
        WalReader reader = new WalReader(wal, start);
        Optional<WalRecord> next = reader.next();
        for (int index : order) {
            Moment moment = moments.get(index);
            while (next.isPresent() && next.get().start().isBefore(moment.position())) {
                replay(next.get());
                next = reader.next();
            }
            found.set(index, new NameLookup(catalogues, commits, reader.format()).at(moment));
        }
        return List.copyOf(found);
    }

    private void prepare(List<Moment> moments) {
        DatabaseCatalogue shared = new DatabaseCatalogue(0, SHARED_TABLESPACE, "global", files, followed::put);
        shared.begin(map("global")
                .orElseThrow(() -> new PostgresException(
                        "CATALOGUE_UNREADABLE",
                        "The backup holds no global/" + RelationMap.FILE,
                        "Is this a backup of a whole data directory? Verify it.")));
        catalogues.put(0L, shared);
        Set<Long> wanted = new TreeSet<>();
        for (Moment moment : moments) {
            moment.relations().forEach(relation -> wanted.add(relation.database()));
        }
        wanted.remove(0L);
        for (ScanSummary.CreatedDatabase created : scan.createdDatabases()) {
            if (created.copiedFrom() != 0 && wanted.contains(created.oid())) {
                wanted.add(created.copiedFrom());
            }
        }
        for (long database : wanted) {
            catalogues.put(database, open(database));
        }
        for (ScanSummary.MovedCatalogues moved : scan.movedCatalogues()) {
            DatabaseCatalogue catalogue = catalogues.get(moved.database());
            if (catalogue != null) {
                catalogue.expect(new RelationMap(moved.files()));
            }
        }
        catalogues.values().forEach(DatabaseCatalogue::settle);
    }

    private DatabaseCatalogue open(long database) {
        String folder = "base/" + database;
        Optional<RelationMap> map = map(folder);
        long tablespace = DEFAULT_TABLESPACE;
        for (String space : map.isPresent() ? List.<String>of() : files.list("pg_tblspc")) {
            for (String version : files.list("pg_tblspc/" + space)) {
                String candidate = "pg_tblspc/" + space + "/" + version + "/" + database;
                Optional<RelationMap> found = map(candidate);
                if (found.isPresent()) {
                    map = found;
                    folder = candidate;
                    tablespace = Long.parseLong(space);
                }
            }
        }
        if (map.isEmpty()) {
            tablespace = scan.createdDatabases().stream()
                    .filter(created -> created.oid() == database)
                    .mapToLong(ScanSummary.CreatedDatabase::tablespace)
                    .findFirst()
                    .orElse(tablespace);
        }
        DatabaseCatalogue catalogue = new DatabaseCatalogue(database, tablespace, folder, files, followed::put);
        if (map.isPresent()) {
            catalogue.begin(map.get());
        } else {
            // Created after the backup: its pages come with the WAL, pg_namespace's perhaps before pg_class tells of
            // it. It has the file of every template, unless somebody rewrote that one.
            catalogue.follow(CatalogueRow.PG_NAMESPACE);
        }
        return catalogue;
    }

    private Optional<RelationMap> map(String folder) {
        String path = folder + "/" + RelationMap.FILE;
        Optional<InputStream> content = files.file(path);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream input = content.get()) {
            byte[] bytes = input.readAllBytes();
            return Optional.of(RelationMap.parse(bytes, 0, bytes.length, path));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the backup", e);
        }
    }

    private void replay(WalRecord record) {
        for (BlockReference block : record.blocks()) {
            CatalogueHeap heap = block.fork() == 0 ? followed.get(block.relation()) : null;
            if (heap != null) {
                heap.apply(record, block);
                settle(block.relation().database());
            }
        }
        byte[] bytes = record.bytes();
        int main = record.mainOffset();
        switch (record.resourceManager()) {
            case WalRecord.TRANSACTION -> {
                if (TransactionRecord.isEnd(record)) {
                    TransactionRecord end = TransactionRecord.parse(record);
                    if (end.committed()) {
                        commits.commit(end.xid());
                        end.subtransactions().forEach(commits::commit);
                    }
                }
            }
            case WalRecord.STORAGE -> {
                if (record.info() == STORAGE_TRUNCATE) {
                    CatalogueHeap heap = followed.get(
                            new RelationFile(u32(bytes, main + 4), u32(bytes, main + 8), u32(bytes, main + 12)));
                    if (heap != null) {
                        heap.truncate(u32(bytes, main));
                    }
                }
            }
            case WalRecord.RELATION_MAP -> {
                DatabaseCatalogue catalogue = catalogues.get(u32(bytes, main));
                if (catalogue != null) {
                    catalogue.move(RelationMap.of(record));
                    catalogue.settle();
                }
            }
            case WalRecord.DATABASE -> copyDatabase(record);
            default -> {
                // Not about catalogues' pages, or about them only through their blocks.
            }
        }
    }

    private void copyDatabase(WalRecord record) {
        for (ScanSummary.CreatedDatabase created : scan.createdDatabases()) {
            if (created.position().equals(record.start()) && created.copiedFrom() != 0) {
                @Nullable DatabaseCatalogue copy = catalogues.get(created.oid());
                @Nullable DatabaseCatalogue template = catalogues.get(created.copiedFrom());
                if (copy != null && template != null) {
                    copy.copyFrom(template);
                    copy.settle();
                }
            }
        }
    }

    private void settle(long database) {
        DatabaseCatalogue catalogue = catalogues.get(database);
        if (catalogue != null) {
            catalogue.settle();
        }
    }
}
