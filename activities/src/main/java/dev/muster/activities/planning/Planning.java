package dev.muster.activities.planning;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.RequestFiles;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.PlanBounds;
import dev.muster.runbooks.plan.PlanCompiler;
import dev.muster.runbooks.plan.PlanContext;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.approval.Approval;
import dev.muster.workflows.approval.ApprovalRefusedException;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.PlanningActivities;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** The control worker's activities. */
public final class Planning implements PlanningActivities {
    private final TrustedApprovers approvers;
    private final EpochSequence epochs;
    private final boolean recorded;
    private final Clock clock;

    /** @param recorded whether there is a catalogue that keeps the runs' records */
    public Planning(TrustedApprovers approvers, EpochSequence epochs, boolean recorded, Clock clock) {
        this.approvers = approvers;
        this.epochs = epochs;
        this.recorded = recorded;
        this.clock = clock;
    }

    @Override
    public Places validate(RunRequest request) {
        return ActivityWork.run(heartbeats -> {
            ResolvedRunbook resolved = RequestFiles.read(request).resolved();
            return new Places(
                    resolved.system().name(),
                    resolved.database().name(),
                    resolved.database().host(),
                    resolved.repository().site(),
                    recorded);
        });
    }

    @Override
    public PlanDocument compile(RunRequest request, DatabaseObservation database, RepositoryObservation repository) {
        return ActivityWork.run(heartbeats -> {
            RunbookFiles.LoadedRunbook loaded = RequestFiles.read(request);
            Plan plan = PlanCompiler.compile(
                    loaded.resolved().runbook(),
                    loaded.resolved().system(),
                    new Observed(database, repository),
                    new PlanContext(
                            request.runId(), request.requester(), hash(request.runbook()), hash(request.system())));
            StoredPlan stored = StoredPlan.of(plan);
            return new PlanDocument(stored.json(), stored.hash());
        });
    }

    private static String hash(RunRequest.SourceFile file) {
        return StoredPlan.hash(file.text().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<String> differences(PlanDocument plan, DatabaseObservation database, RepositoryObservation repository) {
        return ActivityWork.run(heartbeats ->
                PlanBounds.changedBeyond(
                                StoredPlan.read(plan.json(), plan.hash()).plan(), new Observed(database, repository))
                        .stream()
                        .map(PlanBounds.Difference::toString)
                        .toList());
    }

    @Override
    public ApprovalAnswer verifyApproval(String token, ApprovalRule rule) {
        return ActivityWork.run(heartbeats -> {
            Instant now = clock.instant();
            try {
                Approval approval = approvers.accept(token, rule, now);
                return new ApprovalAnswer(
                        true, "ACCEPTED", approval.approver(), "Approved by " + approval.approver() + ".", now);
            } catch (ApprovalRefusedException e) {
                return new ApprovalAnswer(false, e.code(), "", e.getMessage() + " Hint: " + e.hint(), now);
            }
        });
    }

    @Override
    public long claimEpoch(String system, String runId) {
        return ActivityWork.run(heartbeats -> epochs.claim(system, runId));
    }

    @Override
    public boolean hasCatalogue() {
        return recorded;
    }
}
