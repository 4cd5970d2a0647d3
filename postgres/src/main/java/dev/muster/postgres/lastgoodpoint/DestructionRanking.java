package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.lastgoodpoint.Victim.Damage;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.NamesThen;
import dev.muster.postgres.walscan.RelationThen;
import dev.muster.postgres.walscan.RelationThen.Fate;
import dev.muster.postgres.walscan.RowCounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Decides which transactions are destructive, and how much. Pure: no clock, no I/O. */
final class DestructionRanking {
    private static final int MAX_CANDIDATES = 20;
    /** How many times the typical transaction counts as unusual. */
    private static final long UNUSUAL = 10;

    private static final long FEW_ROWS = 10;
    private static final long MANY_UPDATES = 100;
    private static final double LARGE_SHARE = 0.5;
    /** Relations emptied or dropped this often in a range are emptied as a habit: staging tables, partitions. */
    private static final int HABIT = 3;

    private final RangeStatistics statistics;
    private final Hints hints;
    private final Map<String, Integer> removals = new HashMap<>();

    DestructionRanking(RangeStatistics statistics, Hints hints) {
        this.statistics = statistics;
        this.hints = hints;
    }

    /**
     * Ranks the suspects.
     *
     * @param names what the relations were called at each suspect's commit, in the suspects' order
     */
    List<Candidate> rank(List<Suspects.Suspect> suspects, List<NamesThen> names) {
        for (NamesThen then : names) {
            for (RelationThen relation : then.relations().values()) {
                if (relation.holdsRows() && isRemoval(relation)) {
                    removals.merge(relation.qualifiedName(), 1, Integer::sum);
                }
            }
        }
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < suspects.size(); i++) {
            judge(suspects.get(i), names.get(i)).ifPresent(candidates::add);
        }
        candidates.sort(Comparator.comparingDouble(Candidate::score).reversed().thenComparing(Candidate::target));
        return List.copyOf(candidates.subList(0, Math.min(MAX_CANDIDATES, candidates.size())));
    }

    private static boolean isRemoval(RelationThen relation) {
        return relation.fate() == Fate.TRUNCATED || relation.fate() == Fate.DROPPED;
    }

    private record Weighed(Victim victim, double weight, String reason) {}

    private Optional<Candidate> judge(Suspects.Suspect suspect, NamesThen names) {
        CommittedTransaction transaction = suspect.transaction();
        List<Weighed> weighed = new ArrayList<>();
        for (RelationThen relation : names.relations().values()) {
            if (relation.holdsRows() && relation.fate() != Fate.CREATED && hints.names(relation)) {
                weigh(suspect, relation, weighed);
            }
        }
        if (hints.relation().isEmpty()) {
            for (long database : transaction.droppedDatabases()) {
                String name = names.databases().getOrDefault(database, "database " + database);
                weighed.add(new Weighed(
                        new Victim(
                                Damage.DATABASE_DROPPED,
                                name,
                                "",
                                "",
                                database,
                                OptionalLong.empty(),
                                OptionalDouble.of(1),
                                0),
                        100,
                        "dropped the whole database " + name));
            }
        }
        if (weighed.isEmpty()) {
            return Optional.empty();
        }
        weighed.sort(Comparator.comparingDouble(Weighed::weight).reversed());
        return Optional.of(new Candidate(
                transaction.xid(),
                transaction.commitStart(),
                transaction.commitEnd(),
                transaction.readableUntil(),
                transaction.commitTime(),
                weighed.stream().mapToDouble(Weighed::weight).sum(),
                weighed.stream().map(Weighed::victim).toList(),
                weighed.stream().map(Weighed::reason).toList(),
                transaction.mayHaveBegunEarlier()));
    }

    private void weigh(Suspects.Suspect suspect, RelationThen relation, List<Weighed> weighed) {
        RowCounts counts = suspect.transaction().in(relation.file());
        long byWal = suspect.rowsByWal().getOrDefault(relation.file(), 0L);
        long size = Math.max(byWal, relation.estimatedRows().orElse(0));
        if (isRemoval(relation)) {
            removal(relation, size).ifPresent(weighed::add);
            return;
        }
        if (counts.deleted() > 0) {
            long typical = statistics.typicalDelete(relation.file(), counts.deleted());
            weighRows(relation, Damage.DELETED, counts.deleted(), size, typical).ifPresent(weighed::add);
        }
        if (counts.updated() > 0) {
            long typical = statistics.typicalUpdate(relation.file(), counts.updated());
            weighRows(relation, Damage.UPDATED, counts.updated(), size, typical).ifPresent(weighed::add);
        }
    }

    private Optional<Weighed> removal(RelationThen relation, long size) {
        boolean counted = relation.estimatedRows().isPresent();
        if (counted && size == 0 && hints.xid().isEmpty()) {
            return Optional.empty();
        }
        Damage damage = relation.fate() == Fate.DROPPED ? Damage.DROPPED : Damage.TRUNCATED;
        int times = removals.getOrDefault(relation.qualifiedName(), 1);
        OptionalLong rows = size > 0 ? OptionalLong.of(size) : OptionalLong.empty();
        // A relation whose size is not known may be a large one.
        double weight = 1.2 * (rows.isPresent() ? log(size) * 1.5 : 10) * (times >= HABIT ? 0.3 : 1);
        String reason = (damage == Damage.DROPPED ? "dropped " : "truncated ")
                + relation.qualifiedName()
                + (rows.isPresent() ? " with about " + number(size) + " rows" : ", whose size is not known")
                + (times >= HABIT ? ", as happened " + times + " times in this range" : "");
        return Optional.of(new Weighed(
                new Victim(
                        damage,
                        relation.database(),
                        relation.schema(),
                        relation.name(),
                        relation.oid(),
                        rows,
                        OptionalDouble.of(1),
                        0),
                weight,
                reason));
    }

    private Optional<Weighed> weighRows(RelationThen relation, Damage damage, long rows, long size, long typical) {
        OptionalDouble share = size > 0 ? OptionalDouble.of(Math.min(1, (double) rows / size)) : OptionalDouble.empty();
        if (hints.xid().isEmpty() && !isUnusual(damage, rows, share.orElse(0), typical)) {
            return Optional.empty();
        }
        double times = (double) rows / Math.max(1, typical);
        double weight = log(rows)
                * (0.5 + share.orElse(0.5))
                * Math.min(2, 0.5 + Math.log10(1 + times) / 2)
                * (damage == Damage.UPDATED ? 0.4 : 1);
        String what = damage == Damage.DELETED ? "deleted " : "updated ";
        String reason = what + number(rows)
                + (share.isPresent()
                        ? " of about " + number(Math.max(rows, size)) + " rows ("
                                + Math.round(100 * share.getAsDouble()) + " %)"
                        : " rows")
                + " of " + relation.qualifiedName()
                + (typical == 0
                        ? "; no other transaction in this range did so there"
                        : "; typical for other transactions there: at most " + number(typical));
        return Optional.of(new Weighed(
                new Victim(
                        damage,
                        relation.database(),
                        relation.schema(),
                        relation.name(),
                        relation.oid(),
                        OptionalLong.of(rows),
                        share,
                        typical),
                weight,
                reason));
    }

    /** The decision table: what is more than everyday work. */
    private static boolean isUnusual(Damage damage, long rows, double share, long typical) {
        boolean manyTimes = typical == 0 || rows >= UNUSUAL * typical;
        if (damage == Damage.UPDATED) {
            return rows >= MANY_UPDATES && manyTimes && (share >= LARGE_SHARE || rows >= UNUSUAL * MANY_UPDATES);
        }
        if (rows >= FEW_ROWS && manyTimes) {
            return true;
        }
        return rows >= 2 && share >= LARGE_SHARE && (typical == 0 || rows >= 4 * typical);
    }

    private static double log(long rows) {
        return Math.log(1.0 + rows) / Math.log(2);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
