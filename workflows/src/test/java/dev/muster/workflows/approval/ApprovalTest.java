package dev.muster.workflows.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApprovalTest {
    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
    private static final String PLAN = "ab".repeat(32);

    private final ApproverKey alice = ApproverKey.generate("alice", Set.of("approver"));
    private final ApproverKey bob = ApproverKey.generate("bob", Set.of("approver"));
    private final ApproverKey carol = ApproverKey.generate("carol", Set.of("viewer"));
    private final ApproverKey mallory = ApproverKey.generate("alice", Set.of("approver"));
    private final TrustedApprovers trusted = new TrustedApprovers(List.of(alice, bob, carol));
    private final ApprovalRule rule =
            new ApprovalRule("change/orders", "01RUN", Gate.EXECUTE, PLAN, "bob", "approver", 2);

    @TempDir
    Path folder;

    private static ApprovalClaims claims(String run, String plan, String requester, long ceiling) {
        return new ApprovalClaims(
                "01ID",
                "change/orders",
                run,
                Gate.EXECUTE,
                plan,
                ceiling,
                requester,
                NOW,
                NOW.plus(Duration.ofMinutes(30)));
    }

    private ThrowingCallable presenting(ApproverKey key, ApprovalClaims claims, Instant now) {
        return () -> trusted.accept(ApprovalTokens.mint(key, claims), rule, now);
    }

    @Test
    void anApprovalByAnotherPersonForThisRunAndPlanIsAccepted() {
        Approval approval =
                trusted.accept(ApprovalTokens.mint(alice, claims("01RUN", PLAN, "bob", 2)), rule, NOW.plusSeconds(60));
        assertThat(approval.approver()).isEqualTo("alice");
    }

    @Test
    void theRequesterCannotApproveEvenThroughAnHonestToken() {
        refuses(presenting(bob, claims("01RUN", PLAN, "bob", 2), NOW), "APPROVAL_BY_REQUESTER");
    }

    @Test
    void theRequesterCannotHideBehindAnotherRequestersName() {
        refuses(presenting(bob, claims("01RUN", PLAN, "dave", 2), NOW), "APPROVAL_BY_REQUESTER");
    }

    @Test
    void anApprovalForAnotherRunIsRefused() {
        refuses(presenting(alice, claims("01OTHER", PLAN, "bob", 2), NOW), "APPROVAL_OTHER_RUN");
    }

    @Test
    void anApprovalForAnotherPlanIsRefused() {
        refuses(presenting(alice, claims("01RUN", "cd".repeat(32), "bob", 2), NOW), "APPROVAL_OTHER_PLAN");
    }

    @Test
    void anApprovalAfterItsExpiryIsRefused() {
        refuses(
                presenting(alice, claims("01RUN", PLAN, "bob", 2), NOW.plus(Duration.ofMinutes(31))),
                "APPROVAL_EXPIRED");
    }

    @Test
    void anApprovalBySomebodyWithoutTheRoleIsRefused() {
        refuses(presenting(carol, claims("01RUN", PLAN, "bob", 2), NOW), "APPROVAL_ROLE_MISSING");
    }

    @Test
    void aLossAboveTheApprovedCeilingIsRefused() {
        refuses(presenting(alice, claims("01RUN", PLAN, "bob", 1), NOW), "APPROVAL_LOSS_ABOVE_CEILING");
    }

    @Test
    void aKeyThatOnlyClaimsATrustedNameIsRefused() {
        refuses(presenting(mallory, claims("01RUN", PLAN, "bob", 2), NOW), "APPROVAL_FORGED");
    }

    @Test
    void everyChangedCharacterOfATokenIsNoticed() {
        String token = ApprovalTokens.mint(alice, claims("01RUN", PLAN, "bob", 2));
        for (int position = 0; position < token.length(); position++) {
            StringBuilder changed = new StringBuilder(token);
            changed.setCharAt(position, token.charAt(position) == 'A' ? 'B' : 'A');
            // The last character of a Base64 group may carry unused bits, which decode to the same bytes.
            if (sameBytes(token, changed.toString())) {
                continue;
            }
            refuses(() -> trusted.accept(changed.toString(), rule, NOW), "APPROVAL_FORGED");
        }
    }

    @Test
    void aTokenThatNamesNoAlgorithmOrASharedSecretIsRefused() {
        String[] parts =
                ApprovalTokens.mint(alice, claims("01RUN", PLAN, "bob", 2)).split("\\.");
        for (String algorithm : List.of("none", "HS256")) {
            String header =
                    "{\"alg\":\"" + algorithm + "\",\"typ\":\"muster-approval+jws\",\"kid\":\"" + alice.keyId() + "\"}";
            String encoded =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8));
            refuses(() -> trusted.accept(encoded + "." + parts[1] + "." + parts[2], rule, NOW), "APPROVAL_FORGED");
            refuses(() -> trusted.accept(encoded + "." + parts[1] + ".", rule, NOW), "APPROVAL_FORGED");
        }
    }

    @Test
    void aHeaderWhoseMembersHaveTheWrongTypeIsRefusedLikeAnyForgery() {
        for (String header : List.of(
                "{\"alg\":\"EdDSA\",\"typ\":\"muster-approval+jws\",\"kid\":5}",
                "{\"alg\":\"EdDSA\",\"typ\":\"muster-approval+jws\",\"kid\":{}}",
                "{\"alg\":5,\"typ\":\"muster-approval+jws\",\"kid\":\"" + alice.keyId() + "\"}",
                "{\"alg\":\"EdDSA\",\"typ\":[],\"kid\":\"" + alice.keyId() + "\"}",
                "{\"alg\":\"EdDSA\",\"crit\":7,\"typ\":\"muster-approval+jws\",\"kid\":\"" + alice.keyId() + "\"}",
                "{\"alg\":\"EdDSA\",\"b64\":7,\"typ\":\"muster-approval+jws\",\"kid\":\"" + alice.keyId() + "\"}",
                "[]",
                "null",
                "[".repeat(2000))) {
            String encoded =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8));
            refuses(() -> trusted.accept(encoded + ".e30.AAAA", rule, NOW), "APPROVAL_FORGED");
        }
    }

    @Test
    void keyFilesKeepThePrivateHalfWithItsOwner() throws IOException {
        alice.writePrivate(folder.resolve("alice.private.jwk"));
        Path publicFolder = Files.createDirectory(folder.resolve("trusted"));
        alice.writePublic(publicFolder.resolve("alice.jwk"));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("alice.private.jwk"))))
                .isEqualTo("rw-------");
        assertThat(publicFolder.resolve("alice.jwk")).content().doesNotContain("\"d\"");
        String token = ApprovalTokens.mint(
                ApproverKey.read(folder.resolve("alice.private.jwk")), claims("01RUN", PLAN, "bob", 2));
        assertThat(TrustedApprovers.read(publicFolder).accept(token, rule, NOW).approver())
                .isEqualTo("alice");
    }

    @Test
    void oneUnreadableKeyFileIsAnErrorAndNamed() throws IOException {
        Files.writeString(folder.resolve("broken.jwk"), "{}");
        assertThatThrownBy(() -> TrustedApprovers.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.jwk");
    }

    /** A copy of a key beside it is harmless while keys are rotated; one key for two people is not. */
    @Test
    void theSameKeyForTwoPeopleIsAnErrorThatNamesBoth() throws IOException {
        alice.writePublic(folder.resolve("alice.jwk"));
        alice.writePublic(folder.resolve("copy.jwk"));
        assertThatCode(() -> TrustedApprovers.read(folder)).doesNotThrowAnyException();
        Files.writeString(
                folder.resolve("mallory.jwk"),
                Files.readString(folder.resolve("alice.jwk")).replace("\"alice\"", "\"mallory\""));
        assertThatThrownBy(() -> TrustedApprovers.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("alice")
                .hasMessageContaining("mallory");
    }

    private static boolean sameBytes(String one, String other) {
        String[] left = one.split("\\.", -1);
        String[] right = other.split("\\.", -1);
        if (left.length != right.length) {
            return false;
        }
        for (int part = 0; part < left.length; part++) {
            if (!java.util.Arrays.equals(decode(left[part]), decode(right[part]))) {
                return false;
            }
        }
        return true;
    }

    private static byte[] decode(String part) {
        return new org.jose4j.base64url.Base64Url().base64UrlDecode(part);
    }

    private static void refuses(ThrowingCallable presenting, String code) {
        assertThatThrownBy(presenting)
                .isInstanceOfSatisfying(
                        ApprovalRefusedException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
