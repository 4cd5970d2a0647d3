package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.RowCounts;
import java.util.HashMap;
import java.util.Map;

/**
 * What is normal in a range of WAL: for each relation, how many rows a transaction deletes or updates there. Kept as
 * counts by power of two, so that its size depends on the number of relations only.
 */
final class RangeStatistics {
    private static final int BUCKETS = 48;

    private static final class Usage {
        private final int[] deletes = new int[BUCKETS];
        private final int[] updates = new int[BUCKETS];
        private long net;
    }

    private final Map<RelationFile, Usage> relations = new HashMap<>();

    void add(RelationFile relation, RowCounts counts) {
        Usage usage = relations.computeIfAbsent(relation, unused -> new Usage());
        usage.deletes[bucket(counts.deleted())]++;
        usage.updates[bucket(counts.updated())]++;
        usage.net += counts.inserted() - counts.deleted() - counts.moved();
    }

    /** Rows that WAL has added to the relation so far, less those that it removed. */
    long netRows(RelationFile relation) {
        Usage usage = relations.get(relation);
        return usage == null ? 0 : usage.net;
    }

    /** Median of the rows deleted by the other transactions that delete there, rounded up; 0 if no other does. */
    long typicalDelete(RelationFile relation, long own) {
        Usage usage = relations.get(relation);
        return usage == null ? 0 : median(usage.deletes, own);
    }

    /** As {@link #typicalDelete}, for updated rows. */
    long typicalUpdate(RelationFile relation, long own) {
        Usage usage = relations.get(relation);
        return usage == null ? 0 : median(usage.updates, own);
    }

    /** 0 rows in bucket 0, 1 in 1, 2 to 3 in 2, 4 to 7 in 3, and so on. */
    private static int bucket(long rows) {
        return Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, rows)));
    }

    private static long median(int[] counts, long own) {
        long total = 0;
        for (int i = 1; i < BUCKETS; i++) {
            total += counts[i];
        }
        int ownBucket = bucket(own);
        if (ownBucket > 0) {
            total--;
        }
        if (total <= 0) {
            return 0;
        }
        long seen = 0;
        for (int i = 1; i < BUCKETS; i++) {
            seen += counts[i] - (i == ownBucket ? 1 : 0);
            if (seen * 2 >= total) {
                return (1L << i) - 1;
            }
        }
        return 0;
    }
}
