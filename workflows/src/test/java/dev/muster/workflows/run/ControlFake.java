package dev.muster.workflows.run;

import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.PlanBounds;
import dev.muster.runbooks.plan.PlanCompiler;
import dev.muster.runbooks.plan.PlanContext;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.approval.ApprovalRefusedException;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.PlanningActivities;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A control worker with the real compiler, the real bounds and the real rule of approvals. */
final class ControlFake implements PlanningActivities {
    static final long EPOCH = 7;

    private final Calls calls;
    private final TrustedApprovers approvers;
    private final Supplier<Instant> clock;

    /** Changes a plan's stored bytes before they are hashed. */
    volatile UnaryOperator<String> plans = UnaryOperator.identity();

    /** Before an approval is verified. */
    volatile Runnable verifying = () -> {};

    /** Whether there is a catalogue. */
    volatile boolean recorded;

    ControlFake(Calls calls, TrustedApprovers approvers, Supplier<Instant> clock) {
        this.calls = calls;
        this.approvers = approvers;
        this.clock = clock;
    }

    private static ResolvedRunbook resolved(RunRequest request) {
        return RunbookFiles.read(List.of(
                        new SourceText(
                                request.runbook().name(), request.runbook().text()),
                        new SourceText(request.system().name(), request.system().text())))
                .only()
                .resolved();
    }

    @Override
    public Places validate(RunRequest request) {
        calls.made("control:ValidateRunbook");
        ResolvedRunbook resolved = resolved(request);
        return new Places(
                resolved.system().name(),
                resolved.database().name(),
                resolved.database().host(),
                resolved.repository().site(),
                recorded);
    }

    @Override
    public PlanDocument compile(RunRequest request, DatabaseObservation database, RepositoryObservation repository) {
        calls.made("control:CompilePlan");
        ResolvedRunbook resolved = resolved(request);
        String json = plans.apply(StoredPlan.of(PlanCompiler.compile(
                        resolved.runbook(),
                        resolved.system(),
                        new Observed(database, repository),
                        new PlanContext(request.runId(), request.requester(), "a".repeat(64), "b".repeat(64))))
                .json());
        return new PlanDocument(json, StoredPlan.hash(json.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public List<String> differences(PlanDocument plan, DatabaseObservation database, RepositoryObservation repository) {
        calls.made("control:ComparePlan");
        return PlanBounds.changedBeyond(
                        StoredPlan.read(plan.json(), plan.hash()).plan(), new Observed(database, repository))
                .stream()
                .map(PlanBounds.Difference::toString)
                .toList();
    }

    @Override
    public ApprovalAnswer verifyApproval(String token, ApprovalRule rule) {
        calls.made("control:VerifyApproval");
        verifying.run();
        Instant now = clock.get();
        try {
            String approver = approvers.accept(token, rule, now).approver();
            return new ApprovalAnswer(true, "ACCEPTED", approver, "Approved by " + approver + ".", now);
        } catch (ApprovalRefusedException e) {
            return new ApprovalAnswer(false, e.code(), "", e.getMessage() + " Hint: " + e.hint(), now);
        }
    }

    @Override
    public long claimEpoch(String system, String runId) {
        calls.made("control:ClaimEpoch");
        return EPOCH;
    }

    @Override
    public boolean hasCatalogue() {
        calls.made("control:AskForCatalogue");
        return recorded;
    }
}
