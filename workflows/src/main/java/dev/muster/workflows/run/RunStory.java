package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.recording.RecordingStart;
import dev.muster.workflows.recording.RunJournal;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a run has come to so far, and how that is told outside of it: the details and search attributes that Temporal
 * shows, the journal that the catalogue keeps, the status and the report. Workflow code: deterministic.
 */
final class RunStory {
    /**
     * Runs that set search attributes and end the timer of an approval that has come. Remove the gate, and what it
     * keeps for runs without it, once no run can be under way that was started before 0.1.0 was released: those wait
     * for an approval for seven days at most.
     */
    private static final String READABLE_RUN = "readable-run";

    /** What a step came to: its value for the run, and a line for people. */
    record Outcome<T>(T value, String detail) {}

    private final RunRequest request;
    private final Scenario scenario;
    private final Instant started = RunSkeleton.now();
    private final List<StepReport> steps = new ArrayList<>();
    private final List<ApprovalAnswer> answers = new ArrayList<>();
    private RunStatus.State state = RunStatus.State.PLANNING;
    private String phase = RunAttributes.phase(RunStatus.State.PLANNING);
    private RunStatus.@Nullable Waiting waiting;
    /** Null in runs from before the gate. */
    private @Nullable RunAttributes attributes;

    private @Nullable RunReport ended;
    private @Nullable Places places;
    private @Nullable PlanDocument document;
    private @Nullable Plan plan;
    private @Nullable RunJournal journal;

    RunStory(RunRequest request, Scenario scenario) {
        this.request = request;
        this.scenario = scenario;
    }

    /** The run's first command: which generation it is of. */
    void begin() {
        if (Workflow.getVersion(READABLE_RUN, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION) {
            attributes = RunAttributes.ofThisRun();
        }
    }

    /** Whether the run was started after the gate. */
    boolean readable() {
        return attributes != null;
    }

    /** Where the run takes place is known; where there is a catalogue, its journal begins. */
    void happensAt(Places at) {
        places = at;
        // Whether the catalogue can be reached just now makes no difference to the run.
        if (at.recorded()) {
            journal = RunJournal.open(new RecordingStart(
                    RecordingStart.SCHEMA,
                    request,
                    Workflow.getInfo().getWorkflowId(),
                    Workflow.getInfo().getRunId(),
                    scenario.id(),
                    at,
                    started));
        }
    }

    void planned(Plan made) {
        plan = made;
    }

    void documented(PlanDocument made) {
        document = made;
    }

    void enter(RunStatus.State now, String part) {
        state = now;
        phase = part;
        changed();
    }

    /** The part of the run that the next step begins. */
    void nextPhase(String part) {
        phase = part;
    }

    void waitFor(RunStatus.Waiting somebody) {
        waiting = somebody;
        enter(RunStatus.State.WAITING_FOR_APPROVAL, RunAttributes.phase(RunStatus.State.WAITING_FOR_APPROVAL));
        tellJournal();
    }

    void waitNoMore() {
        waiting = null;
    }

    /** Somebody presented an approval. */
    void answered(ApprovalAnswer answer) {
        answers.add(answer);
        changed();
        tellJournal();
    }

    /** An approval was answered before, and does not count any more; what follows tells of it. */
    void withdrawn(ApprovalAnswer answer) {
        answers.add(answer);
    }

    <T> T step(String id, String title, String where, Supplier<Outcome<T>> work) {
        int position = steps.size();
        StepReport running = new StepReport(id, title, where, StepReport.State.RUNNING, RunSkeleton.now(), null, "");
        steps.add(running);
        changed();
        // A step's end is told together with what follows it.
        tellJournal();
        try {
            Outcome<T> outcome = work.get();
            steps.set(position, running.done(RunSkeleton.now(), outcome.detail()));
            changed();
            return outcome.value();
        } catch (TemporalFailure e) {
            steps.set(position, running.failed(RunSkeleton.now(), StepFailures.message(e)));
            changed();
            throw e;
        }
    }

    RunReport report(
            RunReport.Verdict verdict,
            String summary,
            RunReport.Results results,
            RunReport.@Nullable Objectives objectives) {
        return new RunReport(
                RunReport.SCHEMA,
                request.runId(),
                Workflow.getInfo().getWorkflowId(),
                scenario.id(),
                places == null ? "" : places.system(),
                request.requester(),
                verdict,
                summary,
                document == null ? null : document.hash(),
                started,
                RunSkeleton.now(),
                List.copyOf(steps),
                List.copyOf(answers),
                results,
                objectives);
    }

    /** The run is over. */
    void end(RunReport report) {
        waiting = null;
        ended = report;
        enter(RunStatus.State.FINISHED, RunAttributes.phase(RunStatus.State.FINISHED));
        if (journal != null) {
            journal.end(status(), document, report);
        }
    }

    private void tellJournal() {
        if (journal != null) {
            journal.tell(status(), document);
        }
    }

    /** Whatever is shown of the run outside of it is brought up to date. */
    private void changed() {
        RunDetails.Facts facts = new RunDetails.Facts(scenario, phase, started, RunSkeleton.now(), plan, ended);
        Workflow.setCurrentDetails(RunDetails.markdown(status(), facts));
        if (attributes != null) {
            attributes.tell(
                    places == null ? null : places.site(),
                    phase,
                    waiting == null ? null : waiting.role(),
                    ended == null ? null : ended.verdict());
        }
    }

    RunStatus status() {
        return new RunStatus(
                request.runId(),
                Workflow.getInfo().getWorkflowId(),
                request.requester(),
                state,
                document == null ? null : document.hash(),
                waiting,
                List.copyOf(steps),
                List.copyOf(answers));
    }

    RunRequest request() {
        return request;
    }

    Instant started() {
        return started;
    }

    RunStatus.State state() {
        return state;
    }

    RunStatus.@Nullable Waiting waiting() {
        return waiting;
    }

    Places places() {
        return known(places, "places");
    }

    Plan plan() {
        return known(plan, "plan");
    }

    PlanDocument document() {
        return known(document, "plan");
    }

    /** The plan's stored bytes; empty until there is one. */
    String planText() {
        return document == null ? "" : document.json();
    }

    static <T> T known(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException("The skeleton's order was broken: no " + what + " yet");
        }
        return value;
    }
}
