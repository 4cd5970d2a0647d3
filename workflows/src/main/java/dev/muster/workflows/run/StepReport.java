package dev.muster.workflows.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One step of a run.
 *
 * @param id unique in the run
 * @param where the task queue it ran on
 * @param ended null while it runs
 * @param detail what happened, in one line
 */
public record StepReport(
        String id,
        String title,
        String where,
        State state,
        Instant started,
        @Nullable Instant ended,
        String detail) {
    public enum State {
        RUNNING,
        DONE,
        FAILED
    }

    StepReport done(Instant at, String outcome) {
        return new StepReport(id, title, where, State.DONE, started, at, outcome);
    }

    StepReport failed(Instant at, String why) {
        return new StepReport(id, title, where, State.FAILED, started, at, why);
    }
}
