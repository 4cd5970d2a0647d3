package dev.muster.api.runs;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that happened in a run. */
@Schema(name = "TimelineEntry", description = "One thing that happened in a run")
record TimelineEntry(
        Instant at,

        @Schema(description = "STARTED, STEP_STARTED, STEP_DONE, STEP_FAILED, WAITING, APPROVAL, ENDED")
        Kind kind,

        @Schema(description = "For people") String title,
        String detail,

        @Schema(description = "The step's id; absent for what is no step") @Nullable String step) {
    enum Kind {
        STARTED,
        STEP_STARTED,
        STEP_DONE,
        STEP_FAILED,
        WAITING,
        APPROVAL,
        ENDED
    }

    /** Everything in the order in which it happened. */
    static List<TimelineEntry> of(RunSnapshot snapshot) {
        RunView run = snapshot.run();
        List<TimelineEntry> entries = new ArrayList<>();
        entries.add(new TimelineEntry(
                run.started(),
                Kind.STARTED,
                "Started by " + run.requester(),
                run.scenario() + " of " + run.system(),
                null));
        for (StepView step : snapshot.steps()) {
            entries.add(new TimelineEntry(step.started(), Kind.STEP_STARTED, step.title(), step.where(), step.id()));
            Instant ended = step.ended();
            if (ended != null) {
                Kind kind = step.state().equals("FAILED") ? Kind.STEP_FAILED : Kind.STEP_DONE;
                entries.add(new TimelineEntry(ended, kind, step.title(), step.detail(), step.id()));
            }
        }
        for (ApprovalView approval : snapshot.approvals()) {
            entries.add(new TimelineEntry(
                    approval.at(),
                    Kind.APPROVAL,
                    approval.accepted() ? "Approved by " + approval.approver() : approval.code(),
                    approval.message(),
                    null));
        }
        RunView.Waiting waiting = run.waiting();
        if (waiting != null && waiting.since() != null) {
            entries.add(new TimelineEntry(
                    waiting.since(), Kind.WAITING, "Waits for a person with the role " + waiting.role(), "", null));
        }
        Instant ended = run.ended();
        if (ended != null) {
            entries.add(new TimelineEntry(
                    ended,
                    Kind.ENDED,
                    String.valueOf(run.verdict()),
                    run.summary() == null ? "" : run.summary(),
                    null));
        }
        // Stable: what happened in the same moment stays in its own order.
        entries.sort(Comparator.comparing(TimelineEntry::at));
        return List.copyOf(entries);
    }
}
