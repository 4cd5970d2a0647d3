package dev.muster.api.runs;

import dev.muster.catalog.StepRecord;
import dev.muster.workflows.run.StepReport;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One step of a run. */
@Schema(name = "Step", description = "One step of a run")
record StepView(
        @Schema(description = "As the plan names it; a run that planned twice has it twice")
        String id,

        String title,

        @Schema(description = "The task queue that it ran on")
        String where,

        @Schema(description = "RUNNING, DONE, FAILED") String state,
        Instant started,
        @Nullable Instant ended,
        @Schema(description = "What happened, in one line") String detail) {
    static StepView of(StepRecord step) {
        return new StepView(
                step.stepId(), step.title(), step.place(), step.state(), step.started(), step.ended(), step.detail());
    }

    static StepView of(StepReport step) {
        return new StepView(
                step.id(),
                step.title(),
                step.where(),
                step.state().name(),
                step.started(),
                step.ended(),
                step.detail());
    }
}
