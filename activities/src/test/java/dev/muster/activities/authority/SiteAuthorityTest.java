package dev.muster.activities.authority;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Somebody who reaches Temporal starts a site's activities with whatever he likes. */
@DisplayName("Engine 2: what is made up is refused by the site that would carry it out")
class SiteAuthorityTest {
    private static final String RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC";
    private static final Instant NOW = OrdersPlans.NOW;
    private static final String ASKING = """
            apiVersion: muster/v1
            kind: Runbook
            metadata: {name: careful}
            spec:
              scenario: expire
              policy: {daily: 7}
              approval: {role: approver, expires: 30m}
            """;

    private final ApproverKey alice = ApproverKey.generate("alice", Set.of("approver"));
    private final ApproverKey kim = ApproverKey.generate("kim", Set.of("approver"));
    private final PlanDocument verify = OrdersPlans.of(Scenario.VERIFY, RUN, "kim");
    private final PlanDocument expire = OrdersPlans.of(ASKING, RUN, "kim");

    private SiteAuthority site(String name) {
        return new SiteAuthority(name, new TrustedApprovers(List.of(alice, kim)), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Authority authority(PlanDocument plan, long epoch, @Nullable String approval) {
        return new Authority("orders", RUN, "expire/orders/" + RUN, "kim", plan.hash(), epoch, approval);
    }

    private static String token(ApproverKey key, PlanDocument plan) {
        return ApprovalTokens.mint(
                key,
                new ApprovalClaims(
                        "01ID",
                        "expire/orders/" + RUN,
                        RUN,
                        Gate.EXECUTE,
                        plan.hash(),
                        0,
                        "kim",
                        NOW,
                        NOW.plus(Duration.ofMinutes(30))));
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AuthorityRefusedException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    @Test
    void anyWorkerOfTheSiteCarriesOutAPlanThatNeedsNoApproval() {
        assertThat(site("berlin").admit(authority(verify, 0, null), verify)).isEmpty();
        assertThat(site("berlin")
                        .plan(authority(verify, 0, null), verify, StepType.STORE_VERIFY)
                        .verify())
                .isNotNull();
    }

    @Test
    void aPlanOfAnotherSiteOrForAHostIsRefused() {
        refused("PLAN_OTHER_SITE", () -> site("paris").admit(authority(verify, 0, null), verify));
        PlanDocument backup = OrdersPlans.of(Scenario.BACKUP, RUN, "kim");
        refused("PLAN_OTHER_SITE", () -> site("berlin").admit(authority(backup, 0, null), backup));
        refused("EPOCH_MISSING", () -> site("berlin").admit(authority(verify, 7, null), verify));
    }

    @Test
    void aPlanWhoseBytesAreNotThoseOfItsHashIsRefused() {
        PlanDocument altered = new PlanDocument(verify.json().replace("\"content\"", "\"listing\""), verify.hash());
        assertThatThrownBy(() -> site("berlin").admit(authority(verify, 0, null), altered))
                .isInstanceOfSatisfying(
                        RunbookException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo("PLAN_ALTERED"));
    }

    @Test
    void aStepThatThePlanDoesNotHoldIsRefused() {
        refused(
                "STEP_NOT_PLANNED",
                () -> site("berlin").plan(authority(verify, 0, null), verify, StepType.STORE_EXPIRE));
        refused("STEP_NOT_PLANNED", () -> site("berlin").plan(authority(verify, 0, null), verify, "replicate-offsite"));
    }

    @Test
    void anExpiryThatAsksForAnApprovalIsCarriedOutWithThatOfSomebodyElseOnly() {
        SiteAuthority site = site("berlin");
        refused("APPROVAL_MISSING", () -> site.plan(authority(expire, 0, null), expire, StepType.STORE_EXPIRE));
        for (String token : List.of(token(kim, expire), token(alice, verify), "nonsense")) {
            assertThatThrownBy(() -> site.plan(authority(expire, 0, token), expire, StepType.STORE_EXPIRE))
                    .isInstanceOf(ApprovalRefusedException.class);
        }
        Authority approved = authority(expire, 0, token(alice, expire));
        assertThat(site.admit(approved, expire)).isEqualTo("alice");
        assertThat(site.plan(approved, expire, StepType.STORE_EXPIRE).expire()).isNotNull();
    }
}
