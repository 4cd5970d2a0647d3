package dev.muster.workflows.recording;

import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A run put together from its changes. Temporal delivers signals at least once and does not promise their order, so
 * what counts is each change's revision, not when it came.
 */
final class KnownRun {
    private record Revised<T>(long revision, T value) {}

    private final RecordingStart start;
    private final SortedMap<Integer, Revised<StepReport>> steps = new TreeMap<>();
    private final SortedMap<Integer, ApprovalAnswer> answers = new TreeMap<>();
    private long revision;
    private RunStatus.State state = RunStatus.State.PLANNING;
    private @Nullable String planHash;
    private @Nullable String waitingForRole;
    private @Nullable RunReport report;
    private RecordedRun.@Nullable End end;

    KnownRun(RecordingStart start) {
        this.start = start;
    }

    void learn(RunChange change) {
        for (RunChange.Step told : change.steps()) {
            steps.merge(
                    told.position(),
                    new Revised<>(change.revision(), told.step()),
                    (known, now) -> now.revision() > known.revision() ? now : known);
        }
        change.answers().forEach(told -> answers.put(told.position(), told.answer()));
        if (change.revision() <= revision) {
            return;
        }
        revision = change.revision();
        state = change.state();
        planHash = change.planHash();
        waitingForRole = change.waitingForRole();
        if (change.report() != null) {
            report = change.report();
            end = new RecordedRun.End(report.verdict(), report.summary(), report.ended());
        }
    }

    /** It ended without a word of its own. */
    void ended(RecordedRun.End how) {
        revision++;
        state = RunStatus.State.FINISHED;
        waitingForRole = null;
        end = how;
    }

    long revision() {
        return revision;
    }

    @Nullable RunReport report() {
        return report;
    }

    boolean hasEnded() {
        return end != null;
    }

    RecordedRun snapshot(String runbookHash) {
        return new RecordedRun(
                start.request().runId(),
                start.workflowId(),
                start.places().system(),
                start.scenario(),
                start.request().requester(),
                start.request().dryRun(),
                runbookHash,
                planHash,
                state,
                waitingForRole,
                start.started(),
                revision,
                report != null
                        ? report.steps()
                        : steps.values().stream().map(Revised::value).toList(),
                report != null ? report.answers() : List.copyOf(answers.values()),
                end,
                report,
                start.request().schedule());
    }
}
