package dev.muster.workflows.schedules;

import com.github.f4b6a3.ulid.Ulid;
import dev.muster.runbooks.Scenario;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.recording.ScheduleJournal;
import dev.muster.workflows.recording.ScheduledTime.Outcome;
import dev.muster.workflows.run.ChildRun;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.common.SearchAttributeKey;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Starts one run and waits for it. */
public final class ScheduledRunImpl implements ScheduledRun {
    private static final int RANDOM_BYTES = 10;

    /** Set by the server on whatever a schedule starts. */
    private static final SearchAttributeKey<OffsetDateTime> SCHEDULED_FOR =
            SearchAttributeKey.forOffsetDateTime("TemporalScheduledStartTime");

    @Override
    public ScheduledRunReport run(ScheduledRunRequest request) {
        String runId = newRunId();
        ScheduleJournal journal = ScheduleJournal.open(request.schedule(), due(), runId);
        try {
            ScheduledRunReport report = carryOut(request, runId, journal);
            journal.ended(Outcome.valueOf(report.outcome().name()), report.reason());
            return report;
        } catch (CanceledFailure e) {
            journal.left();
            throw e;
        } catch (ApplicationFailure e) {
            journal.ended(Outcome.FAILED, e.getOriginalMessage());
            throw e;
        } catch (TemporalFailure e) {
            journal.ended(Outcome.FAILED, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static ScheduledRunReport carryOut(ScheduledRunRequest request, String runId, ScheduleJournal journal) {
        RunRequest run = new RunRequest(
                RunRequest.SCHEMA,
                runId,
                ApprovalRule.SCHEDULED + request.schedule(),
                false,
                request.runbook(),
                request.system(),
                request.schedule());
        ChildRun child = ChildRun.start(scenario(request), request.systemName(), run);
        if (child.changeUnderWay()) {
            return report(
                    request,
                    ScheduledRunReport.Outcome.SKIPPED,
                    null,
                    null,
                    "CHANGE_UNDER_WAY: another run changes the system " + request.systemName()
                            + "; this time passes without a run.",
                    null);
        }
        Workflow.setCurrentDetails("Run `" + run.runId() + "`, workflow id `" + child.workflowId() + "`");
        journal.started();
        return ended(request, run, child);
    }

    private static ScheduledRunReport ended(ScheduledRunRequest request, RunRequest run, ChildRun child) {
        try {
            RunReport report = child.result();
            return report(
                    request,
                    report.verdict() == RunReport.Verdict.NOT_APPROVED
                            ? ScheduledRunReport.Outcome.NOT_APPROVED
                            : ScheduledRunReport.Outcome.SUCCEEDED,
                    run.runId(),
                    child.workflowId(),
                    report.summary(),
                    report);
        } catch (TemporalFailure e) {
            if (CancellationScope.current().isCancelRequested()) {
                throw new CanceledFailure("No longer waited for; the run " + run.runId() + " goes on.");
            }
            ApplicationFailure cause = ChildRun.failure(e);
            throw ApplicationFailure.newBuilder()
                    .setMessage(cause.getOriginalMessage())
                    .setType(cause.getType())
                    .setCause(e)
                    .setNonRetryable(true)
                    .setDetails(report(
                            request,
                            ScheduledRunReport.Outcome.FAILED,
                            run.runId(),
                            child.workflowId(),
                            cause.getOriginalMessage(),
                            null))
                    .build();
        }
    }

    /** The same again in a replay, and different in each execution. */
    private static String newRunId() {
        byte[] random = new byte[RANDOM_BYTES];
        Random source = Workflow.newRandom();
        source.nextBytes(random);
        return new Ulid(Workflow.currentTimeMillis(), random).toString();
    }

    /** A scenario that this version does not know ends this time; as any other exception it would hang the task. */
    private static Scenario scenario(ScheduledRunRequest request) {
        try {
            return Scenario.of(request.scenario());
        } catch (IllegalArgumentException e) {
            throw ApplicationFailure.newNonRetryableFailure(
                    "SCENARIO_UNKNOWN: this worker has no scenario '" + request.scenario()
                            + "'. Hint: was the schedule applied by a newer version? Update the control workers.",
                    dev.muster.workflows.FailureType.REFUSED.name());
        }
    }

    private static ScheduledRunReport report(
            ScheduledRunRequest request,
            ScheduledRunReport.Outcome outcome,
            @Nullable String runId,
            @Nullable String workflowId,
            String reason,
            @Nullable RunReport report) {
        return new ScheduledRunReport(
                ScheduledRunReport.SCHEMA,
                request.schedule(),
                outcome,
                scheduledFor(),
                runId,
                workflowId,
                reason,
                report);
    }

    private static @Nullable Instant scheduledFor() {
        OffsetDateTime scheduled = Workflow.getTypedSearchAttributes().get(SCHEDULED_FOR);
        return scheduled == null ? null : scheduled.toInstant();
    }

    /** Where the server did not say, this workflow's start. */
    private static Instant due() {
        Instant scheduled = scheduledFor();
        return scheduled == null ? Instant.ofEpochMilli(Workflow.getInfo().getRunStartedTimestampMillis()) : scheduled;
    }
}
