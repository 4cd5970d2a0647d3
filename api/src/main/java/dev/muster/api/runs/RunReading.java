package dev.muster.api.runs;

import dev.muster.api.live.LiveRuns;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.RunRecord;
import dev.muster.workflows.run.RunStatus;
import java.util.Optional;

/** A run's state: from the run itself where it answers, else the newest record of it. */
final class RunReading {
    private final Catalog catalog;
    private final LiveRuns live;

    RunReading(Catalog catalog, LiveRuns live) {
        this.catalog = catalog;
        this.live = live;
    }

    /** @throws ApiException RUN_NOT_FOUND */
    RunRecord record(String runId) {
        return catalog.runs()
                .find(runId)
                .orElseThrow(() -> new ApiException(
                        404,
                        "RUN_NOT_FOUND",
                        "There is no run " + dev.muster.api.intake.Texts.shortened(runId) + ".",
                        "GET /v1/runs lists the runs; a run's id is a ULID of 26 characters."));
    }

    /** Empty for a run that has ended: its verdict stands in its record, which comes a moment later. */
    Optional<RunStatus> status(RunRecord run) {
        return run.ended() != null
                ? Optional.empty()
                : live.status(run.workflowId(), run.runId())
                        .filter(status -> status.state() != RunStatus.State.FINISHED);
    }

    RunSnapshot snapshot(String runId) {
        RunRecord run = record(runId);
        return status(run).map(status -> of(run, status)).orElseGet(() -> recorded(run));
    }

    private static RunSnapshot of(RunRecord run, RunStatus status) {
        return new RunSnapshot(
                RunView.of(run, status),
                status.steps().stream().map(StepView::of).toList(),
                status.answers().stream().map(ApprovalView::of).toList(),
                run.reportJson());
    }

    private RunSnapshot recorded(RunRecord run) {
        return new RunSnapshot(
                RunView.of(run),
                catalog.runs().steps(run.runId()).stream().map(StepView::of).toList(),
                catalog.runs().approvals(run.runId()).stream()
                        .map(ApprovalView::of)
                        .toList(),
                run.reportJson());
    }
}
