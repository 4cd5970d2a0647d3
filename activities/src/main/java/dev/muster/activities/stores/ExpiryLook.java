package dev.muster.activities.stores;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryPlan;
import dev.muster.repository.expiry.Freed;
import dev.muster.repository.expiry.Running;
import dev.muster.repository.retention.Reason;
import dev.muster.repository.retention.Verdict;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.observation.ExpiryObservation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** What an expiry would take away now; nothing is changed for it. */
public final class ExpiryLook {
    private static final Freed NOTHING = new Freed(0, 0, 0, 0);

    private ExpiryLook() {}

    /** @throws RepositoryException EXPIRY_TOO_LARGE, EXPIRY_OF_EVERYTHING, OBJECT_DAMAGED */
    public static ExpiryObservation of(Repository repository, String source, Runbook.Expire runbook) {
        ExpiryPlan plan = new Expiry(
                        repository, source, Retentions.policy(runbook.policy()), Retentions.settings(runbook.atMost()))
                .plan();
        if (plan.cleaning().size() > ExpiryObservation.MOST) {
            throw new RepositoryException(
                    "EXPIRY_TOO_LARGE",
                    plan.cleaning().size() + " backups of " + source
                            + " do not count and are left over; one run cleans " + ExpiryObservation.MOST + " at most.",
                    "That many died or were aborted: find out why first. Then expire with the program beside the store.");
        }
        List<ExpiryObservation.Going> going = new ArrayList<>();
        List<ExpiryObservation.Staying> staying = new ArrayList<>();
        for (Verdict verdict : plan.verdicts()) {
            if (verdict.kept()) {
                staying.add(new ExpiryObservation.Staying(
                        verdict.backup().id(),
                        verdict.backup().kind().label(),
                        verdict.backup().committed(),
                        codes(verdict)));
            } else {
                Freed freed = plan.freed().getOrDefault(verdict.backup().id(), NOTHING);
                going.add(new ExpiryObservation.Going(
                        verdict.backup().id(),
                        verdict.backup().kind().label(),
                        verdict.backup().committed(),
                        texts(verdict),
                        freed.bytes(),
                        freed.neededBytes()));
            }
        }
        Collections.reverse(staying);
        int shown = Math.min(staying.size(), ExpiryObservation.MOST_STAYING);
        return new ExpiryObservation(
                going,
                plan.cleaning().stream()
                        .map(one -> new ExpiryObservation.Cleaned(
                                one.backup(), one.why().name(), one.bytes()))
                        .toList(),
                staying.subList(0, shown),
                staying.size() - shown,
                plan.running().stream().map(Running::backup).distinct().toList());
    }

    private static String codes(Verdict verdict) {
        return verdict.reasons().stream()
                .map(reason -> reason.code().name())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String texts(Verdict verdict) {
        return verdict.reasons().stream().map(Reason::text).collect(Collectors.joining("; "));
    }
}
