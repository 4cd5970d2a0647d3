package dev.muster.cli;

import io.temporal.client.WorkflowStub;
import java.util.List;

/**
 * Work of a run that failed and is tried again, such as a look at a store that is away: the run's own status knows only
 * that its step is under way.
 *
 * @param id tells two of one kind apart
 * @param activity what is tried, such as {@code ObserveRepository}
 * @param attempt the one that is under way or comes next
 * @param why the last one failed, with its code and hint
 */
public record TriedAgain(String id, String activity, int attempt, String why) {
    /** What Temporal tells of the run. */
    static List<TriedAgain> of(WorkflowStub run) {
        return run.describe().getRawDescription().getPendingActivitiesList().stream()
                .filter(pending -> pending.hasLastFailure())
                .map(pending -> new TriedAgain(
                        pending.getActivityId(),
                        pending.getActivityType().getName(),
                        pending.getAttempt(),
                        pending.getLastFailure().getMessage()))
                .toList();
    }
}
