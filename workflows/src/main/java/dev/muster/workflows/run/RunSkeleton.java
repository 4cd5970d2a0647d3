package dev.muster.workflows.run;

import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.DatabaseObserver;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.PlanningActivities;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.recording.RecordingStart;
import dev.muster.workflows.recording.RunJournal;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.TimerOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The order that every scenario shares and no YAML can change: validate, observe, plan, approve, observe again, claim
 * the epoch, let the host admit, then the scenario's own phases. Workflow code: deterministic, no clock, no I/O.
 */
public final class RunSkeleton {
    /** A state that keeps changing under the plan ends the run rather than asking people for ever. */
    private static final int MOST_PLANS = 5;

    /**
     * Runs that set search attributes and end the timer of an approval that has come. Remove the gate, and what it
     * keeps for runs without it, once no run can be under way that was started before 0.1.0 was released: those wait
     * for an approval for seven days at most.
     */
    private static final String READABLE_RUN = "readable-run";

    /** The part between the approval and the plan's phases. */
    private static final String ADMISSION = "admission";

    /** The scenario's own phases, once the plan is approved and admitted. */
    public interface Phases {
        /** Carries out the plan and returns what it brought. */
        RunReport.Results execute(RunSkeleton run);

        /** What was achieved against what was promised. */
        RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results);
    }

    private final RunRequest request;
    private final Scenario scenario;
    private final Instant started;
    private final List<StepReport> steps = new ArrayList<>();
    private final List<ApprovalAnswer> answers = new ArrayList<>();
    private RunStatus.State state = RunStatus.State.PLANNING;
    private String phase = RunAttributes.phase(RunStatus.State.PLANNING);
    private RunStatus.@Nullable Waiting waiting;
    /** Null in runs from before the gate. */
    private @Nullable RunAttributes attributes;

    private @Nullable RunReport ended;
    private @Nullable Promise<Boolean> expiry;
    private @Nullable Places places;
    private @Nullable PlanDocument document;
    private @Nullable Plan plan;
    private @Nullable String approval;
    private @Nullable Authority authority;
    private @Nullable RunJournal journal;

    public RunSkeleton(@Nullable RunRequest request, Scenario scenario) {
        if (request == null) {
            throw ApplicationFailure.newNonRetryableFailure(
                    "REQUEST_REFUSED: the run was started without a request. Hint: start it by 'muster run'.",
                    FailureType.REFUSED.name());
        }
        this.request = request;
        this.scenario = scenario;
        this.started = now();
    }

    /** Carries the run to its end. A failed step fails the workflow, with the report as the failure's detail. */
    public RunReport carryOut(Phases phases) {
        if (Workflow.getVersion(READABLE_RUN, Workflow.DEFAULT_VERSION, 1) != Workflow.DEFAULT_VERSION) {
            attributes = RunAttributes.ofThisRun();
        }
        RunReport.Results results = RunReport.Results.NONE;
        try {
            String title = "Validate the runbook and the system";
            places = step("validate", title, TaskQueues.CONTROL, () -> {
                Places found = control(title).validate(request);
                return new Outcome<>(found, found.system() + "/" + found.database() + " on " + found.host());
            });
            openJournal();
            makePlan();
            if (request.dryRun()) {
                return ended(report(RunReport.Verdict.PLANNED, "Planned only; nothing was done.", results, null));
            }
            if (!approved()) {
                return ended(report(
                        RunReport.Verdict.NOT_APPROVED, "Nobody approved in time; nothing was done.", results, null));
            }
            enter(RunStatus.State.EXECUTING, ADMISSION);
            admit();
            results = phases.execute(this);
            RunReport.Objectives objectives = phases.objectives(this, results);
            return ended(
                    report(RunReport.Verdict.SUCCEEDED, "Every step and every check succeeded.", results, objectives));
        } catch (TemporalFailure e) {
            String why = StepFailures.message(e);
            RunReport report = report(RunReport.Verdict.FAILED, why, results, null);
            finish(report);
            closeJournal(report);
            throw ApplicationFailure.newBuilder()
                    .setMessage(why)
                    .setType(StepFailures.type(e))
                    .setCause(e)
                    .setNonRetryable(true)
                    .setDetails(report)
                    .build();
        }
    }

    private static PlanningActivities control(String summary) {
        return Activities.control(PlanningActivities.class, summary);
    }

    private void enter(RunStatus.State now, String part) {
        state = now;
        phase = part;
        changed();
    }

    private void finish(RunReport report) {
        waiting = null;
        ended = report;
        enter(RunStatus.State.FINISHED, RunAttributes.phase(RunStatus.State.FINISHED));
    }

    /** Whoever presented an approval gets an answer before the run is over. */
    private RunReport ended(RunReport report) {
        Workflow.await(Workflow::isEveryHandlerFinished);
        finish(report);
        closeJournal(report);
        return report;
    }

    /** Where there is a catalogue. Whether it can be reached just now makes no difference to the run. */
    private void openJournal() {
        if (places().recorded()) {
            journal = RunJournal.open(new RecordingStart(
                    RecordingStart.SCHEMA,
                    request,
                    Workflow.getInfo().getWorkflowId(),
                    Workflow.getInfo().getRunId(),
                    scenario.id(),
                    places(),
                    started));
        }
    }

    private void tellJournal() {
        if (journal != null) {
            journal.tell(status(), document);
        }
    }

    private void closeJournal(RunReport report) {
        if (journal != null) {
            journal.end(status(), document, report);
        }
    }

    private void makePlan() {
        PlanDocument compiled = step(
                StepsToCome.OBSERVE_AND_PLAN,
                StepsToCome.title(StepsToCome.OBSERVE_AND_PLAN),
                TaskQueues.CONTROL,
                () -> {
                    Observed observed = observe();
                    PlanDocument made = control("Compile the plan from what was observed")
                            .compile(request, observed.database(), observed.repository());
                    plan = read(made);
                    return new Outcome<>(made, "plan " + made.hash());
                });
        document = compiled;
    }

    /** A plan that this version cannot read ends the run; as any other exception it would hang the workflow task. */
    private static Plan read(PlanDocument compiled) {
        try {
            return StoredPlan.read(compiled.json(), compiled.hash()).plan();
        } catch (RunbookException e) {
            throw ApplicationFailure.newNonRetryableFailure(
                    e.code() + ": " + e.getMessage() + " Hint: " + e.hint(), FailureType.REFUSED.name());
        }
    }

    /** From the host and from the site, at the same time. */
    private Observed observe() {
        Places at = places();
        String what = at.system() + "/" + at.database();
        DatabaseObserver host = Activities.question(
                TaskQueues.host(at.host()), DatabaseObserver.class, "Observe the live database of " + what);
        RepositoryObserver site = Activities.question(
                TaskQueues.site(at.site()), RepositoryObserver.class, "Observe the backups and WAL of " + what);
        Promise<DatabaseObservation> database = Async.function(host::observeDatabase, request);
        Promise<RepositoryObservation> repository = Async.function(site::observeRepository, request);
        return new Observed(database.get(), repository.get());
    }

    /** Whether the run may act: somebody else let this very plan pass, and it still holds. */
    private boolean approved() {
        for (int plans = 1; plan().approval() != null; plans++) {
            if (!waitForApproval(plan().approval())) {
                return false;
            }
            List<String> differences = differences();
            if (differences.isEmpty()) {
                return true;
            }
            if (plans == MOST_PLANS) {
                throw ApplicationFailure.newNonRetryableFailure(
                        "PLAN_UNSTABLE: the state changed under " + plans + " approved plans, last: "
                                + String.join("; ", differences)
                                + ". Hint: settle what changes (backups expiring, disks filling), then start again.",
                        FailureType.REFUSED.name());
            }
            approval = null;
            answers.add(new ApprovalAnswer(
                    false,
                    "PLAN_CHANGED",
                    "",
                    "The state changed beyond the plan's bounds, so the approval is void: "
                            + String.join("; ", differences),
                    now()));
            enter(RunStatus.State.PLANNING, RunAttributes.phase(RunStatus.State.PLANNING));
            makePlan();
        }
        return true;
    }

    private List<String> differences() {
        return step(StepsToCome.OBSERVE_AGAIN, StepsToCome.title(StepsToCome.OBSERVE_AGAIN), TaskQueues.CONTROL, () -> {
            Observed observed = observe();
            List<String> found = control("Compare what was observed with the approved plan")
                    .differences(document(), observed.database(), observed.repository());
            return new Outcome<>(found, found.isEmpty() ? "it holds" : String.join("; ", found));
        });
    }

    private boolean waitForApproval(Plan.ApprovalNeeded needed) {
        Instant since = now();
        Duration patience = Duration.ofSeconds(needed.expiresSeconds());
        waiting = new RunStatus.Waiting(
                Gate.EXECUTE, needed.role(), mostLossSeconds(plan()), since, since.plus(patience));
        enter(RunStatus.State.WAITING_FOR_APPROVAL, RunAttributes.phase(RunStatus.State.WAITING_FOR_APPROVAL));
        tellJournal();
        boolean inTime = approvalComes(patience, needed.role());
        waiting = null;
        if (inTime) {
            phase = ADMISSION;
        }
        return inTime;
    }

    private boolean approvalComes(Duration patience, String role) {
        TimerOptions summary = TimerOptions.newBuilder()
                .setSummary("Waits for an approval by a person with the role " + role)
                .build();
        CancellationScope wait = Workflow.newCancellationScope(
                () -> expiry = Workflow.newTimer(patience, summary).handle((nothing, failure) -> failure == null));
        wait.run();
        Promise<Boolean> over = known(expiry, "expiry");
        Workflow.await(() -> approval != null || over.isCompleted());
        boolean inTime = !over.isCompleted();
        if (inTime && attributes != null) {
            wait.cancel("approved");
        }
        return inTime;
    }

    /** Presents an approval token, from the Update or the Signal. */
    public ApprovalAnswer present(String token) {
        ApprovalAnswer answer = judge(token);
        answers.add(answer);
        changed();
        tellJournal();
        return answer;
    }

    private ApprovalAnswer judge(String token) {
        if (token.equals(approval)) {
            return refused("ALREADY_APPROVED", "This approval was accepted before; nothing more is needed.");
        }
        if (waiting == null) {
            return refused(
                    "NOT_WAITING",
                    state == RunStatus.State.PLANNING
                            ? "There is no plan yet. Hint: wait until the run shows its plan, read it, then approve."
                            : "The run does not wait for an approval (" + state + ").");
        }
        PlanDocument asked = document();
        ApprovalRule rule = new ApprovalRule(
                Workflow.getInfo().getWorkflowId(),
                request.runId(),
                waiting.gate(),
                asked.hash(),
                request.requester(),
                waiting.role(),
                waiting.lossSeconds());
        ApprovalAnswer answer;
        try {
            answer = control("Verify an approval").verifyApproval(token, rule);
        } catch (ActivityFailure e) {
            // Out of a Signal's handler it would end the run, and anybody who reaches Temporal can send a Signal.
            return refused("UNEXPECTED", "The approval could not be verified: " + StepFailures.message(e));
        }
        if (!answer.accepted()) {
            return answer;
        }
        // Both may have changed while the answer was on its way.
        if (approval != null) {
            return refused("ALREADY_APPROVED", "Another approval was accepted just before.");
        }
        if (waiting == null || !asked.hash().equals(document().hash())) {
            return refused("NOT_WAITING", "The run stopped waiting while the approval was verified.");
        }
        approval = token;
        return answer;
    }

    private ApprovalAnswer refused(String code, String message) {
        return new ApprovalAnswer(false, code, "", message, now());
    }

    private void admit() {
        Places at = places();
        long epoch = plan().changesSystem()
                ? step(StepsToCome.CLAIM_EPOCH, StepsToCome.title(StepsToCome.CLAIM_EPOCH), TaskQueues.CONTROL, () -> {
                    long claimed =
                            control("Claim the next epoch of " + at.system()).claimEpoch(at.system(), request.runId());
                    return new Outcome<>(claimed, "epoch " + claimed);
                })
                : 0;
        Authority claimed = new Authority(
                at.system(),
                request.runId(),
                Workflow.getInfo().getWorkflowId(),
                request.requester(),
                document().hash(),
                epoch,
                approval);
        AdmissionActivities host = Activities.question(
                TaskQueues.host(at.host()), AdmissionActivities.class, "The host verifies the plan and its approval");
        step(StepsToCome.ADMIT, StepsToCome.title(StepsToCome.ADMIT), TaskQueues.host(at.host()), () -> {
            String approver = host.admit(claimed, document());
            return new Outcome<>(approver, approver.isEmpty() ? "needs no approval" : "approved by " + approver);
        });
        authority = claimed;
    }

    /** Carries out one step of the plan and records it. */
    public <T extends StepResult> T carryOut(Plan.PlannedStep planned, Supplier<T> activity) {
        phase = planned.type().phase().id();
        return step(planned.id(), planned.title(), planned.queue(), () -> {
            T result = activity.get();
            return new Outcome<>(result, result.detail());
        });
    }

    private record Outcome<T>(T value, String detail) {}

    private <T> T step(String id, String title, String where, Supplier<Outcome<T>> work) {
        int position = steps.size();
        StepReport running = new StepReport(id, title, where, StepReport.State.RUNNING, now(), null, "");
        steps.add(running);
        changed();
        // A step's end is told together with what follows it.
        tellJournal();
        try {
            Outcome<T> outcome = work.get();
            steps.set(position, running.done(now(), outcome.detail()));
            changed();
            return outcome.value();
        } catch (TemporalFailure e) {
            steps.set(position, running.failed(now(), StepFailures.message(e)));
            changed();
            throw e;
        }
    }

    private RunReport report(
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
                now(),
                List.copyOf(steps),
                List.copyOf(answers),
                results,
                objectives);
    }

    /** Whatever is shown of the run outside of it is brought up to date. */
    private void changed() {
        RunDetails.Facts facts = new RunDetails.Facts(scenario, phase, started, now(), plan, ended);
        Workflow.setCurrentDetails(RunDetails.markdown(status(), facts));
        if (attributes != null) {
            attributes.tell(
                    places == null ? null : places.site(),
                    phase,
                    waiting == null ? null : waiting.role(),
                    ended == null ? null : ended.verdict());
        }
    }

    public RunStatus status() {
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

    /** The plan's stored bytes; empty until there is one. */
    public String planText() {
        return document == null ? "" : document.json();
    }

    public Instant started() {
        return started;
    }

    /** Workflow time: the same again in a replay. */
    public static Instant now() {
        return Instant.ofEpochMilli(Workflow.currentTimeMillis());
    }

    public Places places() {
        return known(places, "places");
    }

    public Plan plan() {
        return known(plan, "plan");
    }

    public Authority authority() {
        return known(authority, "authority");
    }

    private PlanDocument document() {
        return known(document, "plan");
    }

    /** The most that the plan may lose of the live database, in seconds of commits; unknown counts as all. */
    public static long mostLossSeconds(Plan plan) {
        Long most = plan.loss().mostSeconds();
        return most == null ? Long.MAX_VALUE : most;
    }

    private static <T> T known(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalStateException("The skeleton's order was broken: no " + what + " yet");
        }
        return value;
    }
}
