package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;

/**
 * What a salvage found: the document that is stored beside the WAL.
 *
 * @param systemId of the cluster, in decimal
 * @param controlHash SHA-256 of the old primary's pg_control then
 * @param transactions committed ones, in order of commit; the first {@link #MOST}
 * @param leftOut committed ones beyond those
 * @param rolledBack how many were rolled back
 * @param unfinished those that neither committed nor rolled back
 * @param doubts what may be wrong or missing, in words
 */
public record SalvageReport(
        String systemId,
        DivergentRange range,
        String controlHash,
        List<DivergentTransaction> transactions,
        long leftOut,
        long rolledBack,
        List<Unfinished> unfinished,
        List<String> doubts) {
    /** How many transactions are listed at most; the WAL of all is stored. */
    public static final int MOST = 20_000;

    /**
     * A transaction without an end.
     *
     * @param preparedName empty: it was open when the old primary died
     * @param preparedAt when it was prepared, or empty
     */
    public record Unfinished(long xid, Lsn firstRecord, String preparedName, List<Instant> preparedAt) {
        public boolean prepared() {
            return !preparedAt.isEmpty();
        }
    }

    public SalvageReport {
        transactions = List.copyOf(transactions);
        unfinished = List.copyOf(unfinished);
        doubts = List.copyOf(doubts);
    }

    /** All committed transactions. */
    public long committed() {
        return transactions.size() + leftOut;
    }
}
