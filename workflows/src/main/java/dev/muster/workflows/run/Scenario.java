package dev.muster.workflows.run;

import java.util.Arrays;
import java.util.Optional;

/** The scenarios that there are, by the name that runbooks use. */
public enum Scenario {
    BACKUP("backup", false),
    POINT_IN_TIME_RECOVERY("point-in-time-recovery", true),
    RESTORE_TEST("restore-test", false);

    private final String id;
    private final boolean changes;

    Scenario(String id, boolean changes) {
        this.id = id;
        this.changes = changes;
    }

    public static Optional<Scenario> of(String id) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.id.equals(id))
                .findFirst();
    }

    public String id() {
        return id;
    }

    /**
     * The workflow id. Of runs that change a system there is at most one at a time, so they share one id; a run that
     * only looks, or only plans, has its own.
     */
    public String workflowId(String system, String runId, boolean dryRun) {
        return changes && !dryRun ? "change/" + system : id + "/" + system + "/" + runId;
    }
}
