package dev.muster.activities.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.approval.ApprovalClaims;
import dev.muster.workflows.approval.ApprovalRefusedException;
import dev.muster.workflows.approval.ApprovalTokens;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who reaches Temporal starts the host's activities with whatever he likes. */
class HostAuthorityTest {
    private static final String RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC";
    private static final String OTHER_RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABD";
    private static final Instant NOW = OrdersPlans.NOW;

    private final ApproverKey alice = ApproverKey.generate("alice", Set.of("approver"));
    private final ApproverKey kim = ApproverKey.generate("kim", Set.of("approver"));
    private final ApproverKey viewer = ApproverKey.generate("vera", Set.of("viewer"));
    private final TrustedApprovers trusted = new TrustedApprovers(List.of(alice, kim, viewer));
    private final PlanDocument plan = OrdersPlans.of(Scenario.POINT_IN_TIME_RECOVERY, RUN, "kim");

    @TempDir
    Path folder;

    private HostAuthority host(String name, Instant now) {
        return new HostAuthority(
                name,
                "approver",
                trusted,
                new HighestEpochs(folder.resolve("epochs")),
                new AdmittedPlans(folder.resolve("plans")),
                Clock.fixed(now, ZoneOffset.UTC));
    }

    private HostAuthority host() {
        return host("db1", NOW);
    }

    private static String token(ApproverKey key, String runId, String planHash, String requester) {
        return ApprovalTokens.mint(
                key,
                new ApprovalClaims(
                        "01ID",
                        "change/orders",
                        runId,
                        Gate.EXECUTE,
                        planHash,
                        0,
                        requester,
                        NOW,
                        NOW.plus(Duration.ofMinutes(30))));
    }

    private String approvalOf(PlanDocument document) {
        return token(alice, RUN, document.hash(), "kim");
    }

    private static Authority authority(PlanDocument document, long epoch, @Nullable String approval) {
        return new Authority("orders", RUN, "change/orders", "kim", document.hash(), epoch, approval);
    }

    private Authority honest() {
        return authority(plan, 7, approvalOf(plan));
    }

    private void refuses(Authority shown, PlanDocument document, String code) {
        refused(() -> host().admit(shown, document), code);
        assertThat(new AdmittedPlans(folder.resolve("plans")).find(RUN, document.hash()))
                .isEmpty();
    }

    private static void refused(ThrowingCallable asking, String code) {
        assertThatThrownBy(asking)
                .satisfies(refusal -> assertThat(codeOf(refusal)).isEqualTo(code));
    }

    private static String codeOf(Throwable refusal) {
        if (refusal instanceof AuthorityRefusedException e) {
            return e.code();
        }
        if (refusal instanceof ApprovalRefusedException e) {
            return e.code();
        }
        return refusal instanceof RunbookException e ? e.code() : refusal.toString();
    }

    @Test
    void anHonestRunIsAdmittedAndEachStepReadsItsPlanFromTheDisk() {
        assertThat(host().admit(honest(), plan)).isEqualTo("alice");
        assertThat(host().plan(honest(), StepType.POSTGRES_RESTORE).runId()).isEqualTo(RUN);
    }

    @Test
    void aStepOfARunThatWasNotAdmittedIsRefused() {
        refused(() -> host().plan(honest(), StepType.POSTGRES_RESTORE), "PLAN_NOT_ADMITTED");
    }

    @Test
    void aChangeWithoutATokenIsRefused() {
        refuses(authority(plan, 7, null), plan, "APPROVAL_MISSING");
    }

    @Test
    void aForgedTokenIsRefused() {
        ApproverKey mallory = ApproverKey.generate("alice", Set.of("approver"));
        refuses(authority(plan, 7, token(mallory, RUN, plan.hash(), "kim")), plan, "APPROVAL_FORGED");
    }

    @Test
    void aTokenOfAnotherRunOrPlanIsRefused() {
        refuses(authority(plan, 7, token(alice, OTHER_RUN, plan.hash(), "kim")), plan, "APPROVAL_OTHER_RUN");
        refuses(authority(plan, 7, token(alice, RUN, "0".repeat(64), "kim")), plan, "APPROVAL_OTHER_PLAN");
    }

    @Test
    void theRequestersOwnKeyIsRefusedAlsoThroughAnotherName() {
        refuses(authority(plan, 7, token(kim, RUN, plan.hash(), "kim")), plan, "APPROVAL_BY_REQUESTER");
        refuses(authority(plan, 7, token(kim, RUN, plan.hash(), "somebody")), plan, "APPROVAL_BY_REQUESTER");
        Authority renamed = new Authority(
                "orders", RUN, "change/orders", "somebody", plan.hash(), 7, token(kim, RUN, plan.hash(), "somebody"));
        refuses(renamed, plan, "PLAN_OTHER_RUN");
    }

    @Test
    void theHostAsksForItsOwnRoleWhateverThePlanSays() {
        PlanDocument lenient =
                OrdersPlans.document(plan.json().replace("\"role\":\"approver\"", "\"role\":\"viewer\""));
        assertThat(lenient.json()).isNotEqualTo(plan.json());
        refuses(authority(lenient, 7, token(viewer, RUN, lenient.hash(), "kim")), lenient, "APPROVAL_ROLE_MISSING");
    }

    @Test
    void aPlanThatDoesNotFitItsHashIsRefused() {
        PlanDocument altered = new PlanDocument(plan.json().replace("copies/run", "copies/own"), plan.hash());
        refuses(honest(), altered, "PLAN_ALTERED");
    }

    @Test
    void aPlanAlteredOnTheHostsDiskIsRefused() throws IOException {
        host().admit(honest(), plan);
        Path stored = folder.resolve("plans").resolve(RUN + "-" + plan.hash() + ".json");
        Files.writeString(stored, plan.json().replace("copies/run", "copies/own"));
        refused(() -> host().plan(honest(), StepType.POSTGRES_RESTORE), "PLAN_ALTERED");
    }

    @Test
    void aPlanForAnotherHostIsRefused() {
        refused(() -> host("db2", NOW).admit(honest(), plan), "PLAN_OTHER_HOST");
    }

    @Test
    void aPlanOfAnotherSystemIsRefused() {
        Authority other = new Authority("billing", RUN, "change/billing", "kim", plan.hash(), 7, approvalOf(plan));
        refuses(other, plan, "PLAN_OTHER_RUN");
    }

    @Test
    void aPlanWhoseScenarioChangesTheSystemButSaysThatItDoesNotIsRefused() {
        PlanDocument harmless =
                OrdersPlans.document(plan.json().replace("\"changesSystem\":true", "\"changesSystem\":false"));
        assertThat(harmless.json()).isNotEqualTo(plan.json());
        refuses(authority(harmless, 0, approvalOf(harmless)), harmless, "EPOCH_MISSING");
    }

    @Test
    void aChangeWithoutAnEpochIsRefusedAndSoIsALookWithOne() {
        refuses(authority(plan, 0, approvalOf(plan)), plan, "EPOCH_MISSING");
        refuses(authority(plan, -1, approvalOf(plan)), plan, "EPOCH_MISSING");
        PlanDocument backup = OrdersPlans.of(Scenario.BACKUP, RUN, "kim");
        refuses(authority(backup, 7, null), backup, "EPOCH_MISSING");
        assertThat(host().admit(authority(backup, 0, null), backup)).isEmpty();
    }

    @Test
    void aRunsIdThatLeadsOutOfTheFolderIsRefused() {
        Authority climbing =
                new Authority("orders", "../../../../../etc/passwd", "change/orders", "kim", plan.hash(), 7, null);
        refused(() -> host().plan(climbing, StepType.POSTGRES_RESTORE), "PLAN_ALTERED");
    }

    @Test
    void anApprovalThatHasRunOutAtAdmissionIsRefused() {
        refused(() -> host("db1", NOW.plus(Duration.ofMinutes(31))).admit(honest(), plan), "APPROVAL_EXPIRED");
    }

    @Test
    void anApprovalThatRunsOutDuringALongStepStaysValid() {
        host().admit(honest(), plan);
        HostAuthority later = host("db1", NOW.plus(Duration.ofHours(9)));
        assertThatCode(() -> later.plan(honest(), StepType.POSTGRES_RESTORE)).doesNotThrowAnyException();
        // A repeat of the admission, whose answer was lost, is no fresh one.
        refused(() -> later.admit(honest(), plan), "APPROVAL_EXPIRED");
    }

    @Test
    void anOldEpochIsRefusedAfterANewerOneWasSeenAlsoAfterARestart() {
        HostAuthority host = host();
        host.admit(honest(), plan);
        assertThatCode(() -> host.guard(honest())).doesNotThrowAnyException();
        PlanDocument laterPlan = OrdersPlans.of(Scenario.POINT_IN_TIME_RECOVERY, OTHER_RUN, "kim");
        Authority later = new Authority(
                "orders",
                OTHER_RUN,
                "change/orders",
                "kim",
                laterPlan.hash(),
                8,
                token(alice, OTHER_RUN, laterPlan.hash(), "kim"));
        host.admit(later, laterPlan);

        refused(() -> host.guard(honest()), "EPOCH_OLD");
        refused(() -> host.plan(honest(), StepType.POSTGRES_RESTORE), "EPOCH_OLD");
        refused(() -> host().guard(honest()), "EPOCH_OLD");
        refused(() -> host().admit(honest(), plan), "EPOCH_OLD");
        assertThatCode(() -> host().guard(later)).doesNotThrowAnyException();
    }

    @Test
    void anAdmittedRunShowsTheEpochOfItsAdmissionAndNoOther() {
        host().admit(honest(), plan);
        Authority raised = authority(plan, Long.MAX_VALUE, approvalOf(plan));
        refused(() -> host().plan(raised, StepType.POSTGRES_RESTORE), "EPOCH_ALTERED");
        refused(() -> host().admit(raised, plan), "EPOCH_ALTERED");
        assertThat(new HighestEpochs(folder.resolve("epochs")).highest("orders"))
                .isEqualTo(7);
    }

    @Test
    void aStepThatTheApprovedPlanDoesNotHoldIsRefused() {
        host().admit(honest(), plan);
        assertThatCode(() -> host().plan(honest(), StepType.POSTGRES_RETURN_ROWS))
                .doesNotThrowAnyException();
        refused(() -> host().plan(honest(), StepType.POSTGRES_BACKUP), "STEP_NOT_PLANNED");
        refused(() -> host().plan(honest(), "check-of-my-own"), "STEP_NOT_PLANNED");
    }

    @Test
    void aScenarioThatNeedsNoApprovalHoldsNoStepThatNeedsOne() {
        PlanDocument forged = OrdersPlans.document(plan.json()
                .replace("\"scenario\":\"point-in-time-recovery\"", "\"scenario\":\"restore-test\"")
                .replace("\"changesSystem\":true", "\"changesSystem\":false")
                .replaceFirst("\"approval\":\\{[^}]*},", ""));
        assertThat(forged.json()).contains("postgres.return-rows").doesNotContain("\"approval\"");
        refuses(authority(forged, 0, null), forged, "PLAN_UNREADABLE");
    }

    @Test
    void aRunThatHasEndedDoesNothingMoreAlsoAfterARestart() {
        HostAuthority host = host();
        host.admit(honest(), plan);
        host.ended(honest());
        refused(() -> host.plan(honest(), StepType.POSTGRES_RESTORE), "RUN_ENDED");
        host().admit(honest(), plan);
        refused(() -> host().plan(honest(), StepType.POSTGRES_RETURN_ROWS), "RUN_ENDED");
        // Its answer may have been lost.
        assertThatCode(() -> host().plan(honest(), StepType.POSTGRES_REMOVE_COPY))
                .doesNotThrowAnyException();
    }

    @Test
    void aRefusedRunDoesNotRaiseTheHighestEpoch() {
        refuses(authority(plan, 99, null), plan, "APPROVAL_MISSING");
        assertThat(new HighestEpochs(folder.resolve("epochs")).highest("orders"))
                .isZero();
    }
}
