package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.BackupFiles;
import dev.muster.postgres.walscan.CatalogueNames;
import dev.muster.postgres.walscan.NamesThen;
import dev.muster.postgres.walscan.ScanSummary;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the destructive transactions after a backup: reads the WAL twice, once for what was done, once for names. */
public final class LastGoodPoint {
    private LastGoodPoint() {}

    /**
     * Finds the destructive transactions from a backup to the end of its WAL.
     *
     * @param backup the files of the backup
     * @param wal of the backup's timeline
     * @param start redo position of the backup's checkpoint
     * @throws PostgresException WAL_DAMAGED, WAL_VERSION_UNKNOWN, CATALOGUE_UNREADABLE
     */
    public static LastGoodPointReport find(BackupFiles backup, WalBytes wal, Lsn start, Hints hints) {
        Suspects collected = new Suspects(hints);
        ScanSummary scan = TransactionScan.run(new WalReader(wal, start), collected::take);
        List<Suspects.Suspect> suspects = collected.all();
        if (suspects.isEmpty()) {
            return new LastGoodPointReport(List.of(), collected.examined(), collected.leftOut(), scan, List.of());
        }
        List<NamesThen> names = new CatalogueNames(backup, wal, start, scan)
                .at(suspects.stream()
                        .map(suspect -> CatalogueNames.Moment.before(suspect.transaction()))
                        .toList());
        Set<String> doubts = new LinkedHashSet<>();
        names.forEach(then -> doubts.addAll(then.doubts()));
        return new LastGoodPointReport(
                new DestructionRanking(collected.statistics(), hints).rank(suspects, names),
                collected.examined(),
                collected.leftOut(),
                scan,
                List.copyOf(doubts));
    }
}
