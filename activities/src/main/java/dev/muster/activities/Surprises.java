package dev.muster.activities;

import io.temporal.activity.ActivityInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often the attempts of a step met a fault without a name, as far as this process has seen them. The number of the
 * attempt does not tell: most may have met a store that was away, which is waited for.
 */
final class Surprises {
    /** Steps that are remembered; those that met one first are forgotten first. */
    private static final int MOST_STEPS = 1_000;

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** @return how many there were now */
    synchronized int met(ActivityInfo step) {
        int count = counts.merge(step.getWorkflowRunId() + "/" + step.getActivityId(), 1, Integer::sum);
        if (counts.size() > MOST_STEPS) {
            counts.remove(counts.keySet().iterator().next());
        }
        return count;
    }
}
