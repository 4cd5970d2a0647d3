package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a schedule's due time.
 *
 * @param due when it was due
 * @param at when this was decided
 * @param outcome such as STARTED, SKIPPED, FAILED
 * @param runId the run that it started; null if none
 * @param detail one line
 */
public record ScheduleExecution(
        String schedule,
        Instant due,
        Instant at,
        String outcome,
        @Nullable String runId,
        String detail) {}
