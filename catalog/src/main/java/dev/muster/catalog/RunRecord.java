package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run as it is kept after Temporal has forgotten it.
 *
 * @param runId a ULID
 * @param workflowId such as {@code change/orders}, which several runs have one after the other
 * @param runbookHash SHA-256 of the runbook's bytes, hexadecimal; see {@link Documents}
 * @param planHash SHA-256 of the plan's bytes, hexadecimal; null until there is a plan
 * @param state PLANNING, WAITING_FOR_APPROVAL, EXECUTING or FINISHED
 * @param verdict PLANNED, SUCCEEDED, NOT_APPROVED or FAILED; null until it ends
 * @param summary one line; null until it ends
 * @param waitingForRole whose approval it waits for; null when it waits for nobody
 * @param started by Temporal's clock
 * @param revision rises with each change; a record never overwrites one with a higher or the same revision. 0 is for
 *     whoever records the run's request before the run itself does
 * @param reportJson the report as JSON; null until it ends, and always in lists
 * @param schedule the schedule that started it; null if somebody did
 */
public record RunRecord(
        String runId,
        String workflowId,
        String system,
        String scenario,
        String requester,
        boolean dryRun,
        @Nullable String runbookHash,
        @Nullable String planHash,
        String state,
        @Nullable String verdict,
        @Nullable String summary,
        @Nullable String waitingForRole,
        Instant started,
        @Nullable Instant ended,
        long revision,
        @Nullable String reportJson,
        @Nullable String schedule) {}
