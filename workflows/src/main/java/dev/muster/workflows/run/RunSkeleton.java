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
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.DatabaseObserver;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.PlanningActivities;
import dev.muster.workflows.planning.RepositoryObserver;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Instant;
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

    /** The part between the approval and the plan's phases. */
    private static final String ADMISSION = "admission";

    /** The scenario's own phases, once the plan is approved and admitted. */
    public interface Phases {
        /** Carries out the plan and returns what it brought. */
        RunReport.Results execute(RunSkeleton run);

        /**
         * Looks whether what was found lets the run succeed; it stands in the report either way.
         *
         * @throws ApplicationFailure if it does not
         */
        default void requireSound(RunReport.Results results) {}

        /** What was achieved against what was promised. */
        RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results);
    }

    private final RunRequest request;
    private final Scenario scenario;
    private final RunStory story;
    private final ApprovalDesk desk;
    private @Nullable Authority authority;

    public RunSkeleton(@Nullable RunRequest request, Scenario scenario) {
        if (request == null) {
            throw ApplicationFailure.newNonRetryableFailure(
                    "REQUEST_REFUSED: the run was started without a request. Hint: start it by 'muster run'.",
                    FailureType.REFUSED.name());
        }
        this.request = request;
        this.scenario = scenario;
        this.story = new RunStory(request, scenario);
        this.desk = new ApprovalDesk(story);
    }

    /** Carries the run to its end. A failed step fails the workflow, with the report as the failure's detail. */
    public RunReport carryOut(Phases phases) {
        story.begin();
        RunReport.Results results = RunReport.Results.NONE;
        try {
            String title = "Validate the runbook and the system";
            Places places = story.step("validate", title, TaskQueues.CONTROL, () -> {
                Places found = control(title).validate(request);
                return new RunStory.Outcome<>(found, found.system() + "/" + found.database() + " on " + found.host());
            });
            story.happensAt(places);
            makePlan();
            if (request.dryRun()) {
                return ended(story.report(RunReport.Verdict.PLANNED, "Planned only; nothing was done.", results, null));
            }
            if (!approved()) {
                return ended(story.report(
                        RunReport.Verdict.NOT_APPROVED, "Nobody approved in time; nothing was done.", results, null));
            }
            story.enter(RunStatus.State.EXECUTING, ADMISSION);
            admit();
            results = phases.execute(this);
            phases.requireSound(results);
            RunReport.Objectives objectives = phases.objectives(this, results);
            return ended(story.report(
                    RunReport.Verdict.SUCCEEDED, "Every step and every check succeeded.", results, objectives));
        } catch (TemporalFailure e) {
            String why = StepFailures.message(e);
            RunReport report = story.report(RunReport.Verdict.FAILED, why, results, null);
            story.end(report);
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

    /** Whoever presented an approval gets an answer before the run is over. */
    private RunReport ended(RunReport report) {
        Workflow.await(Workflow::isEveryHandlerFinished);
        story.end(report);
        return report;
    }

    private void makePlan() {
        PlanDocument compiled = story.step(
                StepsToCome.OBSERVE_AND_PLAN,
                StepsToCome.title(StepsToCome.OBSERVE_AND_PLAN),
                TaskQueues.CONTROL,
                () -> {
                    Observed observed = observe();
                    PlanDocument made = control("Compile the plan from what was observed")
                            .compile(request, observed.database(), observed.repository());
                    story.planned(read(made));
                    return new RunStory.Outcome<>(made, "plan " + made.hash());
                });
        story.documented(compiled);
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

    /** From the host and from the site, at the same time; from the site alone where the host takes no part. */
    private Observed observe() {
        Places at = places();
        if (!scenario.needsHost()) {
            RepositoryObservation seen = repositoryObserver(at).observeRepository(request);
            return new Observed(DatabaseObservation.notAsked(seen.observedAt()), seen);
        }
        DatabaseObserver host = Activities.question(
                TaskQueues.host(at.host()),
                DatabaseObserver.class,
                "Observe the live database of " + at.system() + "/" + at.database());
        RepositoryObserver site = repositoryObserver(at);
        Promise<DatabaseObservation> database = Async.function(host::observeDatabase, request);
        Promise<RepositoryObservation> repository = Async.function(site::observeRepository, request);
        return new Observed(database.get(), repository.get());
    }

    /** Somebody waits for a plan, or for a recovery; all else can wait for a store that is away. */
    private RepositoryObserver repositoryObserver(Places at) {
        String site = TaskQueues.site(at.site());
        String summary = "Observe the backups and WAL of " + at.system() + "/" + at.database();
        return request.dryRun() || scenario.changesSystem()
                ? Activities.question(site, RepositoryObserver.class, summary)
                : Activities.patientQuestion(site, RepositoryObserver.class, summary);
    }

    /** Whether the run may act: somebody else let this very plan pass, and it still holds. */
    private boolean approved() {
        for (int plans = 1; plan().approval() != null; plans++) {
            if (!desk.waitFor(plan().approval())) {
                return false;
            }
            story.nextPhase(ADMISSION);
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
            desk.voidApproval("The state changed beyond the plan's bounds, so the approval is void: "
                    + String.join("; ", differences));
            story.enter(RunStatus.State.PLANNING, RunAttributes.phase(RunStatus.State.PLANNING));
            makePlan();
        }
        return true;
    }

    private List<String> differences() {
        return story.step(
                StepsToCome.OBSERVE_AGAIN, StepsToCome.title(StepsToCome.OBSERVE_AGAIN), TaskQueues.CONTROL, () -> {
                    Observed observed = observe();
                    List<String> found = control("Compare what was observed with the approved plan")
                            .differences(document(), observed.database(), observed.repository());
                    return new RunStory.Outcome<>(found, found.isEmpty() ? "it holds" : String.join("; ", found));
                });
    }

    /** Presents an approval token, from the Update or the Signal. */
    public ApprovalAnswer present(String token) {
        return desk.present(token);
    }

    private void admit() {
        Places at = places();
        long epoch = plan().changesSystem()
                ? story.step(
                        StepsToCome.CLAIM_EPOCH, StepsToCome.title(StepsToCome.CLAIM_EPOCH), TaskQueues.CONTROL, () -> {
                            long claimed = control("Claim the next epoch of " + at.system())
                                    .claimEpoch(at.system(), request.runId());
                            return new RunStory.Outcome<>(claimed, "epoch " + claimed);
                        })
                : 0;
        Authority claimed = new Authority(
                at.system(),
                request.runId(),
                Workflow.getInfo().getWorkflowId(),
                request.requester(),
                document().hash(),
                epoch,
                desk.approval());
        String queue = scenario.needsHost() ? TaskQueues.host(at.host()) : TaskQueues.site(at.site());
        AdmissionActivities place = Activities.question(
                queue,
                AdmissionActivities.class,
                scenario.needsHost()
                        ? "The host verifies the plan and its approval"
                        : "The site verifies the plan and its approval");
        story.step(StepsToCome.ADMIT, StepsToCome.admission(scenario), queue, () -> {
            String approver = place.admit(claimed, document());
            return new RunStory.Outcome<>(
                    approver, approver.isEmpty() ? "needs no approval" : "approved by " + approver);
        });
        authority = claimed;
    }

    /** Carries out one step of the plan and records it. */
    public <T extends StepResult> T carryOut(Plan.PlannedStep planned, Supplier<T> activity) {
        story.nextPhase(planned.type().phase().id());
        return story.step(planned.id(), planned.title(), planned.queue(), () -> {
            T result = activity.get();
            return new RunStory.Outcome<>(result, result.detail());
        });
    }

    public RunStatus status() {
        return story.status();
    }

    /** The plan's stored bytes; empty until there is one. */
    public String planText() {
        return story.planText();
    }

    public Instant started() {
        return story.started();
    }

    /** Workflow time: the same again in a replay. */
    public static Instant now() {
        return Instant.ofEpochMilli(Workflow.currentTimeMillis());
    }

    public Places places() {
        return story.places();
    }

    public Plan plan() {
        return story.plan();
    }

    public Authority authority() {
        return RunStory.known(authority, "authority");
    }

    /** The plan's stored bytes and their hash. */
    public PlanDocument document() {
        return story.document();
    }

    /** The most that the plan may lose of the live database, in seconds of commits; unknown counts as all. */
    public static long mostLossSeconds(Plan plan) {
        Long most = plan.loss().mostSeconds();
        return most == null ? Long.MAX_VALUE : most;
    }
}
