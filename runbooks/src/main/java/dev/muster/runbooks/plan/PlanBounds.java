package dev.muster.runbooks.plan;

import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether a plan still holds when the state is observed again. What moves by itself (more WAL, more backups, time) does
 * not matter; what the approver relied on does. Pure.
 */
public final class PlanBounds {
    private static final int VERSIONS_PER_MAJOR = 10_000;

    private final Plan plan;
    private final Observed observed;
    private final List<Difference> differences = new ArrayList<>();

    private PlanBounds(Plan plan, Observed observed) {
        this.plan = plan;
        this.observed = observed;
    }

    /**
     * One difference beyond the plan's bounds.
     *
     * @param code stable, upper case, listed in docs/reference/errors.md
     * @param message what the plan says, and what is so now
     */
    public record Difference(String code, String message) {
        @Override
        public String toString() {
            return message + " [" + code + "]";
        }
    }

    /** What demands a new plan; empty if the plan still holds. */
    public static List<Difference> changedBeyond(Plan plan, Observed observed) {
        PlanBounds comparison = new PlanBounds(plan, observed);
        if (!plan.scenario().needsHost()) {
            // Neither the live database nor its timeline matters to what is done with stored backups.
            comparison.expiry();
            return List.copyOf(comparison.differences);
        }
        comparison.live();
        comparison.newestTimeline();
        RepositoryObservation.Backup backup = plan.backup();
        if (backup != null) {
            comparison.backup(backup);
        }
        comparison.copy();
        comparison.destructive();
        return List.copyOf(comparison.differences);
    }

    private void live() {
        Plan.Bounds bounds = plan.bounds();
        DatabaseObservation.Live live = observed.database().live();
        if (live == null) {
            if (bounds.liveReachable()) {
                add(
                        "CHANGED_LIVE_UNREACHABLE",
                        "the live database no longer answers: "
                                + observed.database().unreachableBecause());
            }
            return;
        }
        compare("CHANGED_CLUSTER", "the live cluster's identity", bounds.systemId(), live.systemId());
        compare("CHANGED_LIVE_TIMELINE", "the live database's timeline", bounds.liveTimeline(), live.timeline());
        Integer version = bounds.serverVersion();
        if (version != null) {
            compare(
                    "CHANGED_SERVER_VERSION",
                    "the live database's major version",
                    version / VERSIONS_PER_MAJOR,
                    live.serverVersion() / VERSIONS_PER_MAJOR);
        }
        if (bounds.liveReachable() && plan.changesSystem() && live.inRecovery()) {
            add("CHANGED_LIVE_IN_RECOVERY", "the live database is in recovery now and takes no writes");
        }
    }

    /** That fewer backups go is no reason to ask again; that more would go is. */
    private void expiry() {
        Expiring planned = plan.expire();
        ExpiryObservation now = observed.repository().expiry();
        if (planned == null || now == null) {
            return;
        }
        Set<String> more = new TreeSet<>(new Expiring(planned.policy(), planned.atMost(), now).named());
        more.removeAll(planned.named());
        if (!more.isEmpty()) {
            add("CHANGED_EXPIRY", "besides what was planned these would go now: " + String.join(", ", more));
        }
    }

    private void newestTimeline() {
        compare(
                "CHANGED_NEWEST_TIMELINE",
                "the newest timeline in the repository",
                plan.bounds().newestTimeline(),
                observed.repository().newestTimeline());
    }

    private void backup(RepositoryObservation.Backup planned) {
        Optional<RepositoryObservation.Backup> now = observed.repository().backups().stream()
                .filter(each -> each.id().equals(planned.id()))
                .findFirst();
        if (now.isEmpty()) {
            add("CHANGED_BACKUP", "the backup " + planned.id() + " is no longer in the repository");
            return;
        }
        compare("CHANGED_BACKUP", "the backup " + planned.id(), planned, now.get());
        WalPosition needed = plan.bounds().walEndAtLeast();
        if (needed != null) {
            boolean there = WalPath.from(
                            observed.repository(), planned, plan.bounds().walTimeline())
                    .filter(reach -> reach.covers(needed))
                    .isPresent();
            if (!there) {
                add(
                        "CHANGED_WAL",
                        "the stored WAL no longer leads from the backup " + planned.id() + " to " + needed
                                + " on timeline " + plan.bounds().walTimeline());
            }
        }
    }

    private void copy() {
        Plan.Copy planned = plan.copy();
        if (planned == null) {
            return;
        }
        DatabaseObservation.CopySpace space = observed.database().copy();
        if (space == null) {
            add("CHANGED_COPY_PLACE", "the host worker no longer names a place for the copy");
            return;
        }
        compare("CHANGED_COPY_PLACE", "the copy's directory", planned.directory(), space.directory());
        if (!space.unusableBecause().isEmpty()) {
            add("CHANGED_COPY_PLACE", "the copy cannot go to " + space.directory() + ": " + space.unusableBecause());
        }
        if (space.freeBytes() < plan.bounds().freeBytesAtLeast()) {
            add(
                    "CHANGED_FREE_SPACE",
                    "at " + space.directory() + " are " + Sizes.format(space.freeBytes()) + " free, the copy needs "
                            + Sizes.format(plan.bounds().freeBytesAtLeast()));
        }
    }

    /** Another one may mean that damage goes on: the approver must see it. */
    private void destructive() {
        Plan.ResolvedTarget target = plan.target();
        DestructiveTransaction planned = target == null ? null : target.destructive();
        if (planned == null) {
            return;
        }
        List<DestructiveTransaction> now = observed.repository().destructive();
        if (now.stream().noneMatch(planned::equals)) {
            add("CHANGED_LAST_GOOD_POINT", "transaction " + planned.xid() + " is no longer found as it was planned");
        }
        long others = now.stream().filter(each -> !each.equals(planned)).count();
        if (others != plan.otherDestructive()) {
            add(
                    "CHANGED_LAST_GOOD_POINT",
                    "other destructive transactions were " + plan.otherDestructive() + ", now are " + others);
        }
    }

    private void compare(String code, String what, @Nullable Object planned, Object now) {
        if (planned != null && !planned.equals(now)) {
            add(code, what + " was " + planned + ", now is " + now);
        }
    }

    private void add(String code, String message) {
        differences.add(new Difference(code, message));
    }
}
