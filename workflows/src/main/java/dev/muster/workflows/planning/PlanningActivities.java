package dev.muster.workflows.planning;

import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/** What the control plane does for a run. */
@ActivityInterface
public interface PlanningActivities {
    /** Validates the request's files and says where its steps run. A problem is a REFUSED failure that names them all. */
    @ActivityMethod(name = "ValidateRunbook")
    Places validate(RunRequest request);

    /** Compiles the plan from the request and what was observed. */
    @ActivityMethod(name = "CompilePlan")
    PlanDocument compile(RunRequest request, DatabaseObservation database, RepositoryObservation repository);

    /** Where the state now differs from the plan beyond the plan's own bounds; empty if nowhere. */
    @ActivityMethod(name = "ComparePlan")
    List<String> differences(PlanDocument plan, DatabaseObservation database, RepositoryObservation repository);

    /** Verifies a presented approval. A refusal is an answer, not a failure, so that it stays in the history. */
    @ActivityMethod(name = "VerifyApproval")
    ApprovalAnswer verifyApproval(String token, ApprovalRule rule);

    /** Takes the system's next epoch for this run; the same run gets the same one again. */
    @ActivityMethod(name = "ClaimEpoch")
    long claimEpoch(String system, String runId);

    /** Whether there is a catalogue that keeps records; where there is none, nobody polls its queue. */
    @ActivityMethod(name = "AskForCatalogue")
    boolean hasCatalogue();
}
