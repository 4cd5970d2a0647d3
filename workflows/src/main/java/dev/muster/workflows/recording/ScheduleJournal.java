package dev.muster.workflows.recording;

import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The scheduled run's side of the schedule's log. Each entry is handed to a recorder of its own, of which no more than
 * the start is waited for: a catalogue that is away delays and fails nothing. Workflow code.
 */
public final class ScheduleJournal {
    /**
     * Scheduled runs that tell the log. Remove the gate, and the journal that tells nothing, once no scheduled run can be
     * under way that was started before 0.1.0 was released: those wait for an approval for seven days at most.
     */
    private static final String GATE = "schedule-log";

    private static final Logger log = Workflow.getLogger(ScheduleJournal.class);
    private static final Duration WORKFLOW_TASK = Duration.ofSeconds(3);

    private final String schedule;
    private final Instant due;
    private final String id;
    private final boolean tells;
    private Instant last = Instant.EPOCH;
    private @Nullable String runId;

    private ScheduleJournal(String schedule, Instant due, String id, boolean tells) {
        this.schedule = schedule;
        this.due = due;
        this.id = id;
        this.tells = tells;
    }

    /**
     * The journal of the workflow that executes this.
     *
     * @param id the ULID that a run of this time has, if one is started
     */
    public static ScheduleJournal open(String schedule, Instant due, String id) {
        return new ScheduleJournal(
                schedule, due, id, Workflow.getVersion(GATE, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION);
    }

    /** The run was started. */
    public void started() {
        runId = id;
        tell(ScheduledTime.Outcome.STARTED, "started", "The run is under way.");
    }

    /** The scheduled run is cancelled: nobody waits for its run any more, which goes on. */
    public void left() {
        if (runId == null) {
            ended(ScheduledTime.Outcome.SKIPPED, "Cancelled before a run was started.");
        } else {
            tell(ScheduledTime.Outcome.STARTED, "left", "Nobody waits for the run here any more; it goes on.");
        }
    }

    /** This is how it ended. */
    public void ended(ScheduledTime.Outcome outcome, String reason) {
        tell(outcome, outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'), reason);
    }

    private void tell(ScheduledTime.Outcome outcome, String entry, String detail) {
        if (!tells) {
            return;
        }
        ScheduledTime time =
                new ScheduledTime(ScheduledTime.SCHEMA, schedule, due, laterThanLast(), outcome, runId, detail);
        String recorderId = ScheduleRecorder.workflowId(schedule, id, entry);
        ScheduleRecorder recorder = Workflow.newChildWorkflowStub(
                ScheduleRecorder.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(recorderId)
                        .setWorkflowTaskTimeout(WORKFLOW_TASK)
                        // What became of a time that was cancelled is kept too.
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                        .setCancellationType(ChildWorkflowCancellationType.ABANDON)
                        .setStaticSummary("Log of the schedule " + schedule + ": " + outcome)
                        .build());
        Workflow.newDetachedCancellationScope(() -> {
                    var unused = Async.procedure(recorder::record, time);
                    try {
                        Workflow.getWorkflowExecution(recorder).get();
                    } catch (ChildWorkflowFailure e) {
                        // There already, after a reset of this workflow.
                        log.warn("The recorder {} was not started: {}", recorderId, e.getMessage());
                    }
                })
                .run();
    }

    /** Two entries of one moment would not say which of them counts. */
    private Instant laterThanLast() {
        Instant now = Instant.ofEpochMilli(Workflow.currentTimeMillis());
        last = now.isAfter(last) ? now : last.plusMillis(1);
        return last;
    }
}
