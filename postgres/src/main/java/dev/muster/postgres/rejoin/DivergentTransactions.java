package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.walscan.CatalogueNames;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.NamesThen;
import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.RelationThen;
import dev.muster.postgres.walscan.RowCounts;
import dev.muster.postgres.walscan.ScanSummary;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.UnfinishedTransactions;
import dev.muster.postgres.walscan.WalReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Lists what an old primary did after the fork. Memory is bounded: sums for most, names for the listed ones. */
final class DivergentTransactions {
    /** Below, files are those of catalogues as initdb made them. */
    private static final long FIRST_USER_FILE = 16384;

    private final Ancestry ancestry;
    private final DivergentRange range;
    private final OldPrimary old;
    private final LocalWal wal;
    private final Optional<NameBase> base;
    private final List<CommittedTransaction> listed = new ArrayList<>();
    private final Set<String> doubts = new LinkedHashSet<>();
    private long leftOut;

    DivergentTransactions(Ancestry ancestry, OldPrimary old, LocalWal wal, Optional<NameBase> base) {
        this.ancestry = ancestry;
        this.range = ancestry.divergence().orElseThrow();
        this.old = old;
        this.wal = wal;
        this.base = base;
        this.doubts.addAll(ancestry.doubts());
    }

    SalvageReport list() {
        Lsn start = base.map(NameBase::start).orElse(range.from());
        ScanSummary scan = scan(start);
        long rolledBack = start.equals(range.from())
                ? scan.rolledBack()
                : quietScan(range.from(), scan.to()).rolledBack();
        List<NamesThen> names = names(scan);
        List<DivergentTransaction> transactions = new ArrayList<>();
        for (int i = 0; i < listed.size(); i++) {
            transactions.add(describe(listed.get(i), names.get(i)));
        }
        List<SalvageReport.Unfinished> unfinished =
                UnfinishedTransactions.find(new WalReader(wal, range.from()), scan.to()).stream()
                        .map(one -> new SalvageReport.Unfinished(
                                one.xid(),
                                one.firstRecord(),
                                one.preparedName().orElse(""),
                                one.preparedAt().stream().toList()))
                        .toList();
        return new SalvageReport(
                ancestry.systemId(),
                range,
                ancestry.controlHash(),
                transactions,
                leftOut,
                rolledBack,
                unfinished,
                List.copyOf(doubts));
    }

    /** Up to damage, if there is any: what lies before it is listed. */
    private ScanSummary scan(Lsn start) {
        WalReader reader = new WalReader(wal, start);
        try {
            ScanSummary scan = TransactionScan.run(reader, range.to(), this::take);
            requireReached(scan);
            return scan;
        } catch (PostgresException e) {
            if (!ancestry.damaged() || !e.code().equals("WAL_DAMAGED")) {
                throw e;
            }
            doubts.add("Transactions after " + reader.position() + " are not listed: " + e.getMessage());
            return quietScan(start, reader.position());
        }
    }

    private ScanSummary quietScan(Lsn start, Lsn until) {
        return TransactionScan.run(new WalReader(wal, start), until, unused -> true);
    }

    private void requireReached(ScanSummary scan) {
        if (scan.to().isBefore(range.to())) {
            throw new PostgresException(
                    "OLD_WAL_MISSING",
                    "The old primary's WAL can be read from " + scan.from() + " to " + scan.to() + " only, not to "
                            + range.to(),
                    "Is the WAL from the backup to the fork in the archive? Without a backup for the names it is not"
                            + " needed.");
        }
    }

    private boolean take(CommittedTransaction transaction) {
        if (transaction.commitStart().isBefore(range.from())) {
            return true;
        }
        if (listed.size() < SalvageReport.MOST) {
            listed.add(transaction);
        } else {
            leftOut++;
        }
        return true;
    }

    /**
     * Names at each listed transaction. They are looked up anew only where a file is met for the first time, or after
     * catalogues have changed.
     */
    private List<NamesThen> names(ScanSummary scan) {
        List<CatalogueNames.Moment> moments = new ArrayList<>();
        List<Integer> momentOf = new ArrayList<>();
        Set<RelationFile> known = new HashSet<>();
        for (CommittedTransaction transaction : listed) {
            CatalogueNames.Moment moment = CatalogueNames.Moment.before(transaction);
            boolean changes = changesCatalogues(transaction);
            if (changes) {
                known.clear();
            }
            boolean fresh = moments.isEmpty() || changes || !known.containsAll(moment.relations());
            if (fresh) {
                moments.add(moment);
                known.addAll(moment.relations());
            }
            momentOf.add(moments.size() - 1);
            if (changes) {
                known.clear();
            }
        }
        if (base.isEmpty() && !listed.isEmpty()) {
            doubts.add("No backup from before the fork was given: relations have the names that they had at the end,"
                    + " and dropped ones have none");
        }
        CatalogueNames names = base.map(from -> new CatalogueNames(from.files(), wal, from.start(), scan))
                .orElseGet(() -> new CatalogueNames(
                        new DataDirectoryFiles(old.directory()),
                        wal,
                        old.control().redo(),
                        scan));
        List<NamesThen> found = moments.isEmpty() ? List.of() : names.at(moments);
        found.forEach(then -> doubts.addAll(then.doubts()));
        return merged(found, momentOf);
    }

    /** Each transaction's own moment, and for files named at earlier moments those. */
    private static List<NamesThen> merged(List<NamesThen> found, List<Integer> momentOf) {
        Map<RelationFile, RelationThen> seen = new TreeMap<>();
        Map<Long, String> databases = new TreeMap<>();
        List<NamesThen> names = new ArrayList<>();
        int last = -1;
        NamesThen current = new NamesThen(Map.of(), Map.of(), List.of());
        for (int index : momentOf) {
            if (index != last) {
                NamesThen fresh = found.get(index);
                seen.putAll(fresh.relations());
                databases.putAll(fresh.databases());
                current = new NamesThen(Map.copyOf(seen), Map.copyOf(databases), List.of());
                last = index;
            }
            names.add(current);
        }
        return names;
    }

    private static boolean changesCatalogues(CommittedTransaction transaction) {
        return !transaction.droppedDatabases().isEmpty()
                || !transaction.removedFiles().isEmpty()
                || transaction.rows().keySet().stream().anyMatch(file -> file.number() < FIRST_USER_FILE);
    }

    private static DivergentTransaction describe(CommittedTransaction transaction, NamesThen names) {
        Map<RelationFile, RowCounts> rows = new TreeMap<>(transaction.rows());
        transaction.removedFiles().forEach(file -> rows.putIfAbsent(file, RowCounts.NONE));
        List<DivergentTransaction.Change> changes = new ArrayList<>();
        rows.forEach((file, counts) -> change(file, counts, names).ifPresent(changes::add));
        List<String> dropped = transaction.droppedDatabases().stream()
                .map(oid -> names.databases().getOrDefault(oid, Long.toString(oid)))
                .toList();
        return new DivergentTransaction(
                transaction.xid(),
                transaction.subtransactions(),
                transaction.commitTime(),
                transaction.firstRecord(),
                transaction.commitStart(),
                transaction.commitEnd(),
                transaction.preparedName(),
                changes,
                changesCatalogues(transaction),
                dropped,
                transaction.mayHaveBegunEarlier());
    }

    /** Empty for what users do not miss: catalogues, indexes, the parts of rows that are stored apart. */
    private static Optional<DivergentTransaction.Change> change(RelationFile file, RowCounts counts, NamesThen names) {
        if (file.number() < FIRST_USER_FILE) {
            return Optional.empty();
        }
        Optional<RelationThen> relation = names.relation(file);
        boolean told = relation.map(RelationThen::holdsRows).orElse(!counts.equals(RowCounts.NONE));
        if (!told) {
            return Optional.empty();
        }
        return Optional.of(new DivergentTransaction.Change(
                relation.map(RelationThen::qualifiedName).orElse(file.toString()),
                relation.map(one -> one.fate().name().toLowerCase(Locale.ROOT)).orElse("unknown"),
                counts.inserted(),
                counts.updated(),
                counts.deleted(),
                counts.moved()));
    }
}
