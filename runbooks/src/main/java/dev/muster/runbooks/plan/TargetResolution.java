package dev.muster.runbooks.plan;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Target;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a runbook's target means in the state that was observed. Pure.
 *
 * @param stopsAt where replay stops; null if that is not known beforehand
 * @param needsWalTo stored WAL must reach to here; null if that is not known beforehand
 * @param time of the target on the server's clock, about; null if not known
 */
record TargetResolution(
        Plan.ResolvedTarget target,
        @Nullable WalPosition stopsAt,
        @Nullable WalPosition needsWalTo,
        @Nullable Instant time) {
    private static final int MOST_LISTED = 5;

    /** @throws RunbookException if the state has no such target */
    static TargetResolution of(Target target, Observed observed) {
        if (target instanceof Target.LastGoodPoint wanted) {
            return lastGoodPoint(wanted, observed.repository());
        }
        return fixed(((Target.Fixed) target).point(), observed);
    }

    /** The proposed transactions that a target's filters leave. */
    static List<DestructiveTransaction> matching(Target.LastGoodPoint wanted, RepositoryObservation repository) {
        return repository.destructive().stream()
                .filter(found -> wanted.xid().map(xid -> xid == found.xid()).orElse(true))
                .filter(found -> wanted.after()
                        .map(after -> !found.commitTime().isBefore(after))
                        .orElse(true))
                .filter(found -> wanted.before()
                        .map(before -> found.commitTime().isBefore(before))
                        .orElse(true))
                .toList();
    }

    private static TargetResolution lastGoodPoint(Target.LastGoodPoint wanted, RepositoryObservation repository) {
        List<DestructiveTransaction> found = matching(wanted, repository);
        if (found.isEmpty()) {
            throw refused(
                    "LAST_GOOD_POINT_NOT_FOUND",
                    repository.destructive().isEmpty()
                            ? "No destructive transaction was found in the stored WAL."
                            : "None of the destructive transactions that were found passes the target's filters: "
                                    + list(repository.destructive()) + ".",
                    "Has its WAL arrived in the store yet? Otherwise name the point yourself: target: {time: ...}.");
        }
        if (found.size() > 1) {
            throw refused(
                    "LAST_GOOD_POINT_AMBIGUOUS",
                    "Found " + found.size() + " destructive transactions: " + list(found) + ".",
                    "Say which one: target: {lastGoodPoint: {xid: "
                            + found.get(0).xid() + "}}.");
        }
        DestructiveTransaction one = found.get(0);
        RecoveryPoint point = new RecoveryPoint.Position(one.commitStart(), false);
        String why = "just before transaction " + one.xid() + " committed at " + one.commitTime();
        return new TargetResolution(
                new Plan.ResolvedTarget(point, one.timeline(), why, one),
                one.commitStart(),
                one.commitEnd(),
                one.commitTime());
    }

    private static String list(List<DestructiveTransaction> transactions) {
        String text = transactions.stream()
                .limit(MOST_LISTED)
                .map(each -> String.format(
                        Locale.ROOT,
                        "xid %d at %s (%s)",
                        each.xid(),
                        each.commitTime(),
                        each.relations().stream()
                                .limit(MOST_LISTED)
                                .map(relation -> relation.rowsDeleted() + " rows of " + relation.name())
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining("; "));
        int more = transactions.size() - MOST_LISTED;
        return more > 0 ? text + "; and " + more + " more" : text;
    }

    private static TargetResolution fixed(RecoveryPoint point, Observed observed) {
        RepositoryObservation repository = observed.repository();
        Optional<WalPosition> located = Optional.ofNullable(repository.targetPosition());
        WalPosition needs = null;
        Instant time = null;
        // No default: a new kind of point must be thought about here.
        if (point instanceof RecoveryPoint.Time moment) {
            checkTime(moment.time(), observed);
            needs = located.orElse(null);
            time = moment.time();
        } else if (point instanceof RecoveryPoint.Position position) {
            needs = position.lsn();
        } else if (point instanceof RecoveryPoint.Transaction || point instanceof RecoveryPoint.Named) {
            needs = located.orElse(null);
        } else if (point instanceof RecoveryPoint.Latest) {
            time = repository.walEndTime();
        }
        Plan.ResolvedTarget target =
                new Plan.ResolvedTarget(point, repository.newestTimeline(), "as the runbook says", null);
        return new TargetResolution(target, needs, needs, time);
    }

    private static void checkTime(Instant time, Observed observed) {
        if (time.isAfter(observed.at())) {
            throw refused(
                    "TARGET_IN_FUTURE",
                    "The target " + time + " is later than now, " + observed.at() + ".",
                    "Check the date and the zone of the target.");
        }
        Instant last = observed.repository().walEndTime();
        if (last != null && time.isAfter(last)) {
            throw refused(
                    "TARGET_NOT_REACHABLE",
                    "The target " + time + " is later than the last commit in the stored WAL, " + last + ".",
                    "Use that time, or target: {latest: true}. If later WAL should be there, check the receiver.");
        }
    }

    static RunbookException refused(String code, String message, String hint) {
        return new RunbookException(Problem.of(code, message, hint));
    }
}
