package dev.muster.api.runs;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.api.intake.Texts;
import dev.muster.api.live.LiveRuns;
import dev.muster.api.problem.ApiException;
import dev.muster.api.problem.Translation;
import dev.muster.catalog.Identity;
import dev.muster.catalog.Role;
import dev.muster.catalog.RunRecord;
import dev.muster.workflows.approval.Approval;
import dev.muster.workflows.approval.ApprovalClaims;
import dev.muster.workflows.approval.ApprovalRefusedException;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.ApprovalTokens;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.approval.IssuerKeys;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs approvals for people whose tokens were checked, and presents them. What is refused here is not signed; what is
 * signed here is verified again by the control worker and by each worker that executes a step.
 */
final class Approvals {
    private static final Duration VALID = Duration.ofMinutes(15);
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final int LONGEST_COMMENT = 300;

    private final RunReading runs;
    private final LiveRuns live;
    private final IssuerKeys keys;
    private final Clock clock;

    Approvals(RunReading runs, LiveRuns live, IssuerKeys keys, Clock clock) {
        this.runs = runs;
        this.live = live;
        this.keys = keys;
        this.clock = clock;
    }

    /** What is approved. */
    @Schema(name = "Approve", description = "What is approved")
    record Request(
            @Schema(
                    description = "The hash of the plan that was read",
                    pattern = "[0-9a-f]{64}",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable String planHash,

            @Schema(
                    description = "The most loss of data, in seconds of commits, that is accepted",
                    minimum = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable Long lossCeilingSeconds,

            @Schema(description = "Whether a loss that is not known is accepted; false if absent") @Nullable Boolean acceptUnknownLoss,

            @Schema(description = "Signed with the approval", maxLength = 300) @Nullable String comment) {}

    /** @throws ApiException with the refusal's code */
    ApprovalView approve(String runId, Request request, Identity approver) {
        String planHash = Texts.required("planHash", request.planHash(), 64);
        if (!HASH.matcher(planHash).matches()) {
            throw Texts.invalid("planHash", "is not 64 hexadecimal digits.");
        }
        long ceiling = Texts.required("lossCeilingSeconds", request.lossCeilingSeconds());
        if (ceiling < 0) {
            throw Texts.invalid("lossCeilingSeconds", "is negative.");
        }
        String comment = request.comment() == null ? "" : Texts.clean("comment", request.comment(), LONGEST_COMMENT);
        RunRecord run = runs.record(runId);
        if (run.ended() != null) {
            throw LiveRuns.notWaiting("it is over");
        }
        RunStatus status = live.status(run.workflowId(), run.runId()).orElseThrow(() -> Translation.temporalAway(null));
        RunStatus.Waiting waiting = status.waiting();
        String currentPlan = status.planHash();
        if (waiting == null || currentPlan == null) {
            throw LiveRuns.notWaiting("it is " + status.state());
        }
        Instant now = clock.instant();
        ApprovalClaims claims = new ApprovalClaims(
                UlidCreator.getMonotonicUlid().toString(),
                status.workflowId(),
                status.runId(),
                waiting.gate(),
                planHash,
                Boolean.TRUE.equals(request.acceptUnknownLoss()) ? Long.MAX_VALUE : ceiling,
                status.requester(),
                now,
                now.plus(VALID),
                new ApprovalClaims.Attested(approver.subject(), roles(approver), comment));
        ApprovalRule rule = new ApprovalRule(
                status.workflowId(),
                status.runId(),
                waiting.gate(),
                currentPlan,
                status.requester(),
                waiting.role(),
                waiting.lossSeconds());
        ApproverKey key = newestKey();
        new ApprovalRuleCheck(rule).expect(new Approval(approver.subject(), roles(approver), key.keyId(), claims), now);
        ApprovalAnswer answer = live.approve(run.workflowId(), claims.id(), ApprovalTokens.mint(key, claims));
        if (!answer.accepted()) {
            throw refused(answer, runId);
        }
        return ApprovalView.of(answer);
    }

    /** The run answers in one text what is answered here in two. */
    private static ApiException refused(ApprovalAnswer answer, String runId) {
        String[] parts = answer.message().split(" Hint: ", 2);
        return new ApiException(
                ApprovalRuleCheck.status(answer.code()),
                answer.code(),
                parts[0],
                parts.length == 2 ? parts[1] : "Look at the run and its approvals: GET /v1/runs/" + runId + ".");
    }

    private ApproverKey newestKey() {
        try {
            return keys.newest();
        } catch (IOException e) {
            throw new ApiException(
                            503,
                            "SIGNING_UNAVAILABLE",
                            "The API has no key to sign approvals with.",
                            "Is the folder of --keys in order? Make a key with: muster identity create-issuer.")
                    .because(e);
        }
    }

    private static Set<String> roles(Identity approver) {
        return approver.roles().stream().map(Role::id).collect(Collectors.toUnmodifiableSet());
    }

    /** The workers' own rule, asked before anything is signed. */
    private record ApprovalRuleCheck(ApprovalRule rule) {
        void expect(Approval approval, Instant now) {
            rule.refusal(approval, now).ifPresent(refusal -> {
                throw refused(refusal);
            });
        }

        private static ApiException refused(ApprovalRefusedException refusal) {
            return new ApiException(
                            status(refusal.code()),
                            refusal.code(),
                            String.valueOf(refusal.getMessage()),
                            refusal.hint())
                    .because(refusal);
        }

        /** Who may not is forbidden; what does not fit the run's state is a conflict. */
        static int status(String code) {
            return switch (code) {
                case "APPROVAL_BY_REQUESTER", "APPROVAL_ROLE_MISSING", "APPROVAL_FORGED" -> 403;
                default -> 409;
            };
        }
    }
}
