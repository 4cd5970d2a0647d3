package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of a run, in the order of the list that it is in.
 *
 * @param stepId as the run shows it; a run that planned twice has such a step twice
 * @param place the task queue it ran on
 * @param state RUNNING, DONE or FAILED
 * @param ended null while it runs
 * @param detail what happened, in one line
 */
public record StepRecord(
        String stepId,
        String title,
        String place,
        String state,
        Instant started,
        @Nullable Instant ended,
        String detail) {}
