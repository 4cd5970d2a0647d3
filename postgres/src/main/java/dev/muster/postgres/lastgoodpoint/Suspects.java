package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.RowCounts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Takes every committed transaction of a range and keeps the few that are worth a closer look, together with what is
 * normal in the range. Bounded: the largest deletes and updates overall, the largest of each relation, and those that
 * removed relations.
 */
final class Suspects {
    /**
     * A transaction that is looked at more closely.
     *
     * @param rowsByWal rows that the WAL had added to each relation, less removed ones, before this transaction
     */
    record Suspect(CommittedTransaction transaction, Map<RelationFile, Long> rowsByWal) {}

    private static final int LARGEST = 256;
    private static final int LARGEST_PER_RELATION = 4096;
    private static final int REMOVING = 1024;
    /** Below, files are those of catalogues. */
    private static final long FIRST_USER_FILE = 16384;

    private final Hints hints;
    private final RangeStatistics statistics = new RangeStatistics();
    private final PriorityQueue<Suspect> deleting =
            new PriorityQueue<>(Comparator.comparingLong(suspect -> touched(suspect, true)));
    private final PriorityQueue<Suspect> updating =
            new PriorityQueue<>(Comparator.comparingLong(suspect -> touched(suspect, false)));
    private final Map<RelationFile, Suspect> largestDelete = new HashMap<>();
    private final Map<RelationFile, Suspect> largestUpdate = new HashMap<>();
    private final PriorityQueue<Suspect> removing =
            new PriorityQueue<>(Comparator.comparingInt(suspect -> removed(suspect.transaction())));
    private final List<Suspect> named = new ArrayList<>();
    private long examined;
    private long leftOut;

    Suspects(Hints hints) {
        this.hints = hints;
    }

    RangeStatistics statistics() {
        return statistics;
    }

    long examined() {
        return examined;
    }

    long leftOut() {
        return leftOut;
    }

    /** Takes the next transaction; always true, so that the scan goes on. */
    boolean take(CommittedTransaction transaction) {
        boolean wanted = hints.xid().isPresent()
                ? hints.xid().getAsLong() == transaction.xid()
                        || transaction.subtransactions().contains(hints.xid().getAsLong())
                : hints.includes(transaction.commitTime());
        if (wanted) {
            examined++;
            consider(transaction);
        }
        transaction.rows().forEach((relation, counts) -> {
            if (relation.number() >= FIRST_USER_FILE) {
                statistics.add(relation, counts);
            }
        });
        return true;
    }

    private void consider(CommittedTransaction transaction) {
        Map<RelationFile, Long> rowsByWal = new HashMap<>();
        for (RelationFile relation : transaction.rows().keySet()) {
            rowsByWal.put(relation, statistics.netRows(relation));
        }
        for (RelationFile relation : transaction.removedFiles()) {
            rowsByWal.put(relation, statistics.netRows(relation));
        }
        Suspect suspect = new Suspect(transaction, rowsByWal);
        if (hints.xid().isPresent()) {
            named.add(suspect);
            return;
        }
        if (removed(transaction) > 0) {
            keep(removing, suspect, REMOVING, true);
        }
        if (touched(suspect, true) > 0) {
            keep(deleting, suspect, LARGEST, false);
        }
        if (touched(suspect, false) > 0) {
            keep(updating, suspect, LARGEST, false);
        }
        transaction.rows().forEach((relation, counts) -> {
            if (relation.number() >= FIRST_USER_FILE) {
                keepLargest(largestDelete, relation, suspect, true, counts);
                keepLargest(largestUpdate, relation, suspect, false, counts);
            }
        });
    }

    private void keep(PriorityQueue<Suspect> queue, Suspect suspect, int bound, boolean count) {
        queue.add(suspect);
        if (queue.size() > bound) {
            queue.poll();
            leftOut += count ? 1 : 0;
        }
    }

    private static void keepLargest(
            Map<RelationFile, Suspect> largest,
            RelationFile relation,
            Suspect suspect,
            boolean deletes,
            RowCounts counts) {
        long rows = deletes ? counts.deleted() : counts.updated();
        if (rows == 0 || (largest.size() >= LARGEST_PER_RELATION && !largest.containsKey(relation))) {
            return;
        }
        largest.merge(relation, suspect, (old, fresh) -> {
            RowCounts before = old.transaction().in(relation);
            return (deletes ? before.deleted() : before.updated()) >= rows ? old : fresh;
        });
    }

    private static int removed(CommittedTransaction transaction) {
        int count = 1000 * transaction.droppedDatabases().size();
        for (RelationFile file : transaction.removedFiles()) {
            count += file.number() >= FIRST_USER_FILE ? 1 : 0;
        }
        return count;
    }

    private static long touched(Suspect suspect, boolean deletes) {
        long rows = 0;
        for (Map.Entry<RelationFile, RowCounts> entry :
                suspect.transaction().rows().entrySet()) {
            if (entry.getKey().number() >= FIRST_USER_FILE) {
                rows += deletes ? entry.getValue().deleted() : entry.getValue().updated();
            }
        }
        return rows;
    }

    /** All that were kept, each once, in order of commit. */
    List<Suspect> all() {
        Map<Long, Suspect> byPosition = new TreeMap<>(Long::compareUnsigned);
        for (Collection<Suspect> kept :
                List.of(deleting, updating, largestDelete.values(), largestUpdate.values(), removing, named)) {
            for (Suspect suspect : kept) {
                byPosition.put(suspect.transaction().commitStart().value(), suspect);
            }
        }
        return List.copyOf(new LinkedHashMap<>(byPosition).values());
    }
}
