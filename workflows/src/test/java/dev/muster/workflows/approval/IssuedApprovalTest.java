package dev.muster.workflows.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Approvals that a service signs for people, seen from the place of somebody who wants to pass without one. */
class IssuedApprovalTest {
    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
    private static final String PLAN = "ab".repeat(32);

    private final ApproverKey issuer = ApproverKey.generateIssuer("api", NOW);
    private final ApproverKey dave = ApproverKey.generate("dave", Set.of("approver"));
    private final ApproverKey erin = ApproverKey.generate("erin", Set.of("viewer"));
    private final TrustedApprovers trusted = new TrustedApprovers(List.of(issuer, dave, erin));
    private final ApprovalRule rule =
            new ApprovalRule("change/orders", "01RUN", Gate.EXECUTE, PLAN, "dave", "approver", 2);

    @TempDir
    Path folder;

    private static ApprovalClaims.Attested says(String approver, String... roles) {
        return new ApprovalClaims.Attested(approver, Set.of(roles), "Seen the plan.");
    }

    private static ApprovalClaims claims(ApprovalClaims.@Nullable Attested attested) {
        return claims("change/orders", "01RUN", PLAN, "dave", NOW, NOW.plus(Duration.ofMinutes(10)), attested);
    }

    private static ApprovalClaims claims(
            String workflow,
            String run,
            String plan,
            String requester,
            Instant issued,
            Instant expires,
            ApprovalClaims.@Nullable Attested attested) {
        return new ApprovalClaims("01ID", workflow, run, Gate.EXECUTE, plan, 2, requester, issued, expires, attested);
    }

    private ThrowingCallable presenting(ApproverKey key, ApprovalClaims claims) {
        return () -> trusted.accept(ApprovalTokens.mint(key, claims), rule, NOW);
    }

    @Test
    void whomAnIssuerAttestsWithTheRoleApproves() {
        Approval approval =
                trusted.accept(ApprovalTokens.mint(issuer, claims(says("alice", "viewer", "approver"))), rule, NOW);
        assertThat(approval.approver()).isEqualTo("alice");
        assertThat(approval.roles()).containsExactlyInAnyOrder("viewer", "approver");
        assertThat(approval.claims().attested()).isEqualTo(says("alice", "viewer", "approver"));
    }

    @Test
    void aPersonalKeyThatClaimsAnothersNameStaysItsOwnersAndTheRequesterIsRefused() {
        refuses(presenting(dave, claims(says("alice", "approver"))), "APPROVAL_BY_REQUESTER");
    }

    @Test
    void aPersonalKeyThatClaimsARoleDoesNotGetIt() {
        refuses(presenting(erin, claims(says("erin", "approver"))), "APPROVAL_ROLE_MISSING");
        refuses(presenting(erin, claims(says("alice", "approver"))), "APPROVAL_ROLE_MISSING");
    }

    @Test
    void anIssuersTokenWithoutAPersonIsRefused() {
        refuses(presenting(issuer, claims(null)), "APPROVAL_FORGED");
    }

    @Test
    void theRequesterIsRefusedWhicheverOfHisTokensTheIssuerRecognised() {
        refuses(presenting(issuer, claims(says("dave", "approver"))), "APPROVAL_BY_REQUESTER");
        refuses(
                presenting(
                        issuer,
                        claims(
                                "change/orders",
                                "01RUN",
                                PLAN,
                                "somebody",
                                NOW,
                                NOW.plusSeconds(60),
                                says("dave", "approver"))),
                "APPROVAL_BY_REQUESTER");
    }

    @Test
    void anAttestedPersonWithoutTheRoleIsRefused() {
        refuses(presenting(issuer, claims(says("alice", "viewer", "operator"))), "APPROVAL_ROLE_MISSING");
        refuses(presenting(issuer, claims(says("alice"))), "APPROVAL_ROLE_MISSING");
    }

    @Test
    void aTokenReplayedForAnotherRunWorkflowOrPlanIsRefused() {
        ApprovalClaims.Attested alice = says("alice", "approver");
        Instant later = NOW.plusSeconds(60);
        refuses(
                presenting(issuer, claims("change/orders", "01OTHER", PLAN, "dave", NOW, later, alice)),
                "APPROVAL_OTHER_RUN");
        refuses(
                presenting(issuer, claims("change/billing", "01RUN", PLAN, "dave", NOW, later, alice)),
                "APPROVAL_OTHER_RUN");
        refuses(
                presenting(issuer, claims("change/orders", "01RUN", "cd".repeat(32), "dave", NOW, later, alice)),
                "APPROVAL_OTHER_PLAN");
    }

    @Test
    void aTokenForAGateThatDoesNotExistIsRefused() {
        String token = ApprovalTokens.mint(issuer, claims(says("alice", "approver")));
        String[] parts = token.split("\\.");
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                .replace("\"EXECUTE\"", "\"CUTOVER\"");
        String forged = parts[0] + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(StandardCharsets.UTF_8)) + "."
                + parts[2];
        refuses(() -> trusted.accept(forged, rule, NOW), "APPROVAL_FORGED");
    }

    @Test
    void aTokenThatRanOutOrComesFromTheFutureOrIsForEverIsRefused() {
        ApprovalClaims.Attested alice = says("alice", "approver");
        refuses(
                presenting(
                        issuer,
                        claims(
                                "change/orders",
                                "01RUN",
                                PLAN,
                                "dave",
                                NOW.minusSeconds(120),
                                NOW.minusSeconds(1),
                                alice)),
                "APPROVAL_EXPIRED");
        refuses(
                presenting(
                        issuer,
                        claims(
                                "change/orders",
                                "01RUN",
                                PLAN,
                                "dave",
                                NOW.plus(Duration.ofMinutes(5)),
                                NOW.plus(Duration.ofMinutes(10)),
                                alice)),
                "APPROVAL_FROM_FUTURE");
        refuses(
                presenting(
                        issuer,
                        claims("change/orders", "01RUN", PLAN, "dave", NOW, NOW.plus(Duration.ofDays(3650)), alice)),
                "APPROVAL_TOO_LONG");
    }

    @Test
    void whoMayChangeSchedulesDoesNotApproveWhatAScheduleAsksFor() {
        String schedule = ApprovalRule.SCHEDULED + "orders/nightly";
        ApprovalRule scheduled =
                new ApprovalRule("change/orders", "01RUN", Gate.EXECUTE, PLAN, schedule, "approver", 2);
        Function<ApprovalClaims.Attested, String> token = attested -> ApprovalTokens.mint(
                issuer,
                claims("change/orders", "01RUN", PLAN, schedule, NOW, NOW.plus(Duration.ofMinutes(10)), attested));

        refuses(
                () -> trusted.accept(token.apply(says("olga", "approver", "operator")), scheduled, NOW),
                "APPROVAL_BY_REQUESTER");
        assertThat(trusted.accept(token.apply(says("alice", "approver")), scheduled, NOW)
                        .approver())
                .isEqualTo("alice");
    }

    @Test
    void aPersonalKeyFileCannotBeMadeAnIssuerWithRoles() throws IOException {
        issuer.writePublic(folder.resolve("api.jwk"));
        String text = Files.readString(folder.resolve("api.jwk"));
        assertThat(text).contains("\"muster_issuer\":true").contains("\"muster_roles\":[]");
        Files.writeString(folder.resolve("api.jwk"), text.replace("[]", "[\"approver\"]"));
        assertThatThrownBy(() -> TrustedApprovers.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("api.jwk");
    }

    @Test
    void aKeyThatIsPutIntoTheFolderOrTakenOutCountsAtOnce() throws IOException {
        issuer.writePublic(folder.resolve("api.jwk"));
        TrustedApprovers following = TrustedApprovers.read(folder);
        ApproverKey next = ApproverKey.generateIssuer("api", NOW.plusSeconds(1));
        String byOld = ApprovalTokens.mint(issuer, claims(says("alice", "approver")));
        String byNew = ApprovalTokens.mint(next, claims(says("alice", "approver")));

        assertThat(following.accept(byOld, rule, NOW).keyId()).isEqualTo(issuer.keyId());
        refuses(() -> following.accept(byNew, rule, NOW), "APPROVAL_FORGED");

        next.writePublic(folder.resolve("api-2.jwk"));
        assertThat(following.accept(byNew, rule, NOW).keyId()).isEqualTo(next.keyId());
        assertThat(following.accept(byOld, rule, NOW).keyId()).isEqualTo(issuer.keyId());

        Files.delete(folder.resolve("api.jwk"));
        refuses(() -> following.accept(byOld, rule, NOW), "APPROVAL_FORGED");
        assertThat(following.accept(byNew, rule, NOW).approver()).isEqualTo("alice");
    }

    @Test
    void aFileThatIsHalfCopiedTakesNothingFromTheOthers() throws IOException {
        issuer.writePublic(folder.resolve("api.jwk"));
        TrustedApprovers following = TrustedApprovers.read(folder);
        Files.writeString(folder.resolve("half.jwk"), "{\"kty\":\"OKP\",");

        String token = ApprovalTokens.mint(issuer, claims(says("alice", "approver")));
        assertThat(following.accept(token, rule, NOW).approver()).isEqualTo("alice");

        Files.delete(folder.resolve("half.jwk"));
        dave.writePublic(folder.resolve("half.jwk"));
        refuses(() -> following.accept(ApprovalTokens.mint(dave, claims(null)), rule, NOW), "APPROVAL_BY_REQUESTER");
    }

    @Test
    void oneKeyThatTwoFilesGiveToDifferentPeopleIsTrustedForNeither() throws IOException {
        dave.writePublic(folder.resolve("dave.jwk"));
        TrustedApprovers following = TrustedApprovers.read(folder);
        Files.writeString(
                folder.resolve("frank.jwk"),
                Files.readString(folder.resolve("dave.jwk")).replace("\"dave\"", "\"frank\""));

        refuses(() -> following.accept(ApprovalTokens.mint(dave, claims(null)), rule, NOW), "APPROVERS_UNREADABLE");
    }

    @Test
    void aFolderThatIsGoneTrustsNobody() throws IOException {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        issuer.writePublic(keys.resolve("api.jwk"));
        TrustedApprovers following = TrustedApprovers.read(keys);
        Files.delete(keys.resolve("api.jwk"));
        Files.delete(keys);

        refuses(
                () -> following.accept(ApprovalTokens.mint(issuer, claims(says("alice", "approver"))), rule, NOW),
                "APPROVERS_UNREADABLE");
    }

    @Test
    void theIssuersKeyThatWasMadeLastSigns() throws IOException {
        assertThatThrownBy(() -> IssuerKeys.read(folder)).isInstanceOf(IOException.class);
        issuer.writePrivate(folder.resolve("z.private.jwk"));
        dave.writePrivate(folder.resolve("dave.private.jwk"));
        IssuerKeys keys = IssuerKeys.read(folder);
        assertThat(keys.newest().keyId()).isEqualTo(issuer.keyId());

        ApproverKey next = ApproverKey.generateIssuer("api", NOW.plusSeconds(1));
        next.writePrivate(folder.resolve("a.private.jwk"));
        assertThat(keys.newest().keyId()).isEqualTo(next.keyId());
    }

    @Test
    void theLongestAttestationThatIsAllowedFitsIntoAToken() {
        ApprovalClaims.Attested longest =
                new ApprovalClaims.Attested("ü".repeat(200), Set.of("approver", "operator", "viewer"), "ü".repeat(300));
        assertThat(trusted.accept(ApprovalTokens.mint(issuer, claims(longest)), rule, NOW)
                        .approver())
                .isEqualTo("ü".repeat(200));
    }

    private static void refuses(ThrowingCallable presenting, String code) {
        assertThatThrownBy(presenting)
                .isInstanceOfSatisfying(
                        ApprovalRefusedException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
