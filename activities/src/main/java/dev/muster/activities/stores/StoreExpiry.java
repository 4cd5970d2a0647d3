package dev.muster.activities.stores;

import dev.muster.activities.HeartbeatProgress;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.retention.WalExpiry;
import dev.muster.postgres.retention.WalExpiryResult;
import dev.muster.repository.Repository;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryPlan;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpiryResult;
import dev.muster.repository.expiry.Running;
import dev.muster.repository.retention.Verdict;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.plan.Expiring;
import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.stores.ExpiredStore;
import dev.muster.workflows.stores.StoreProblem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Takes away what a plan lists: backups first, then the WAL that none of the others needs. */
final class StoreExpiry {
    private final Repository repository;
    private final ProtectedDatabase database;
    private final Clock clock;

    StoreExpiry(Repository repository, ProtectedDatabase database, Clock clock) {
        this.repository = repository;
        this.database = database;
        this.clock = clock;
    }

    /** @param plan verified, of which {@code expiring} is a part */
    ExpiredStore run(Expiring expiring, Plan plan, Heartbeats heartbeats) {
        long begun = System.nanoTime();
        Expiry expiry = new Expiry(
                repository,
                database.source(),
                Retentions.policy(expiring.policy()),
                Retentions.settings(expiring.atMost()));
        ExpiryPlan found = expiry.plan();
        ExpiryPlan bounded = bounded(found, expiring.named(), plan.observedAt());
        if (plan.approval() == null) {
            refuseYoung(bounded);
        }
        ExpiryResult result = expiry.apply(bounded, progress(heartbeats));
        heartbeats.check();
        // What no backup may be taken for, no WAL is taken for: it is what leads from the backups to the points
        // between.
        Duration least = plan.approval() == null ? database.repository().keptAtLeast() : Duration.ZERO;
        WalExpiry wal = new WalExpiry(repository, database.source(), Retentions.wal(expiring.policy(), least));
        WalExpiryResult walResult = wal.apply(wal.plan(), new HeartbeatProgress(heartbeats, "expired WAL"));
        return new ExpiredStore(
                database.repository().name(),
                repository.store().url(),
                Stream.concat(gone(expiring, found), result.expired().stream()).toList(),
                result.aborted(),
                result.spared(),
                result.objects(),
                result.locked().size() + walResult.locked().size(),
                waiting(result, walResult),
                result.temporaryFiles(),
                walResult.objects(),
                walResult.bytes(),
                walResult.doubts().stream().limit(StoreProblem.MOST).toList(),
                Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0);
    }

    /** What the plan names and an attempt before this one took, of which there was no answer. */
    private static Stream<String> gone(Expiring expiring, ExpiryPlan found) {
        Set<String> there =
                found.verdicts().stream().map(verdict -> verdict.backup().id()).collect(Collectors.toSet());
        return expiring.backups().going().stream()
                .map(ExpiryObservation.Going::backup)
                .filter(backup -> !there.contains(backup));
    }

    /**
     * What of the approved plan would go now. Ages are reckoned to the moment that it speaks of, or each hour that a
     * run waits for its approval would add backups that nobody saw.
     */
    private static ExpiryPlan bounded(ExpiryPlan fresh, Set<String> named, Instant observedAt) {
        return new ExpiryPlan(
                fresh.repository(),
                fresh.source(),
                observedAt.isBefore(fresh.now()) ? observedAt : fresh.now(),
                fresh.verdicts().stream()
                        .filter(verdict -> verdict.kept()
                                || named.contains(verdict.backup().id()))
                        .toList(),
                fresh.cleaning().stream()
                        .filter(one -> named.contains(one.backup()))
                        .toList(),
                fresh.freed(),
                fresh.running(),
                fresh.temporaryFiles());
    }

    /** A policy alone, be it mistaken or somebody's who can start workflows, must not take what is new. */
    private void refuseYoung(ExpiryPlan bounded) {
        Duration least = database.repository().keptAtLeast();
        Instant limit = clock.instant().minus(least);
        List<String> young = bounded.verdicts().stream()
                .filter(verdict ->
                        !verdict.kept() && verdict.backup().committed().isAfter(limit))
                .map((Verdict verdict) -> verdict.backup().id())
                .toList();
        if (!young.isEmpty()) {
            throw new AuthorityRefusedException(
                    "EXPIRY_NEEDS_APPROVAL",
                    "Nobody approved the expiry, and it would take backups that are younger than " + least.toHours()
                            + " hours: " + String.join(", ", young) + ".",
                    "Nothing was deleted. Is the policy right? If it is, write 'approval' in the runbook, or a shorter"
                            + " keepAtLeast for the repository in the system's file of this worker.");
        }
    }

    private static ExpiryProgress progress(Heartbeats heartbeats) {
        AtomicLong deleted = new AtomicLong();
        return new ExpiryProgress() {
            @Override
            public void step(Step step) {
                heartbeats.check();
                heartbeats.progress(step.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            }

            @Override
            public void deleted(String key) {
                heartbeats.progress("deleted " + deleted.incrementAndGet() + " objects");
                heartbeats.check();
            }
        };
    }

    private static List<String> waiting(ExpiryResult backups, WalExpiryResult wal) {
        return Stream.concat(backups.waitingFor().stream(), wal.waitingFor().stream())
                .map(Running::backup)
                .distinct()
                .toList();
    }
}
