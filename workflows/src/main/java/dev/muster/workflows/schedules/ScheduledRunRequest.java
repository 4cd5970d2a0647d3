package dev.muster.workflows.schedules;

import dev.muster.workflows.run.RunRequest.SourceFile;

/**
 * What a schedule starts its runs with: the files as they were when the schedule was applied.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param schedule the schedule's full name, {@code <system>/<name>}
 * @param scenario the runbook's, as {@link dev.muster.runbooks.Scenario#id()} has it
 * @param systemName the system's name
 * @param runbook the runbook's YAML
 * @param system the system's YAML
 */
public record ScheduledRunRequest(
        int schema, String schedule, String scenario, String systemName, SourceFile runbook, SourceFile system) {
    public static final int SCHEMA = 1;

    /** The workflow's type, by which a schedule on the server is known to be ours. */
    public static final String WORKFLOW = "ScheduledRun";

    public ScheduledRunRequest {
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Unknown version of a scheduled run's request: " + schema);
        }
    }
}
