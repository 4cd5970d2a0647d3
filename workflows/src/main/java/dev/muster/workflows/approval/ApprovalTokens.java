package dev.muster.workflows.approval;

import java.time.Instant;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Mints and reads approval tokens: a compact JSON Web Signature (RFC 7515) with EdDSA (RFC 8037), nothing else. */
public final class ApprovalTokens {
    private static final String TYPE = "muster-approval+jws";
    private static final int LONGEST_TOKEN = 4096;

    private ApprovalTokens() {}

    /** Signs the claims with the approver's private key. */
    public static String mint(ApproverKey key, ApprovalClaims claims) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        signature.setHeader("typ", TYPE);
        signature.setKeyIdHeaderValue(key.keyId());
        signature.setKey(key.privateKey());
        signature.setPayload(JsonUtil.toJson(Map.of(
                "id", claims.id(),
                "workflow", claims.workflowId(),
                "run", claims.runId(),
                "gate", claims.gate().name(),
                "plan", claims.planHash(),
                "lossCeilingSeconds", claims.lossCeilingSeconds(),
                "requester", claims.requester(),
                "issuedAt", claims.issuedAt().toString(),
                "expiresAt", claims.expiresAt().toString())));
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("Cannot sign with the key " + key.keyId(), e);
        }
    }

    /**
     * Checks the signature against the given keys and reads the claims. What they are worth for a run is
     * {@link ApprovalRule}'s to say.
     *
     * @throws ApprovalRefusedException APPROVAL_FORGED if the form, the key or the signature is not right
     */
    static Approval verify(String token, Map<String, ApproverKey> trusted) {
        if (token.length() > LONGEST_TOKEN) {
            throw forged("it is longer than " + LONGEST_TOKEN + " characters");
        }
        try {
            JsonWebSignature signature = new JsonWebSignature();
            // Only this algorithm: a token may not choose "none" or a shared-secret one for itself.
            signature.setAlgorithmConstraints(
                    new AlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.EDDSA));
            signature.setCompactSerialization(token);
            String keyId = signature.getKeyIdHeaderValue();
            ApproverKey key = keyId == null ? null : trusted.get(keyId);
            if (key == null || !TYPE.equals(signature.getHeader("typ"))) {
                throw forged("its key is not among the trusted ones");
            }
            signature.setKey(key.publicKey());
            if (!signature.verifySignature()) {
                throw forged("its signature does not match");
            }
            return new Approval(key.subject(), key.keyId(), claims(JsonUtil.parseJson(signature.getPayload())));
        } catch (JoseException | IllegalArgumentException | ClassCastException | java.time.DateTimeException e) {
            // A header of the wrong type, such as a number as key id, is a ClassCastException of the library.
            throw forged("it cannot be read (" + e.getMessage() + ")");
        }
    }

    private static ApprovalClaims claims(Map<String, Object> members) {
        return new ApprovalClaims(
                text(members, "id"),
                text(members, "workflow"),
                text(members, "run"),
                Gate.valueOf(text(members, "gate")),
                text(members, "plan"),
                number(members, "lossCeilingSeconds"),
                text(members, "requester"),
                Instant.parse(text(members, "issuedAt")),
                Instant.parse(text(members, "expiresAt")));
    }

    private static String text(Map<String, Object> members, String name) {
        if (members.get(name) instanceof String value) {
            return value;
        }
        throw new IllegalArgumentException("no text '" + name + "'");
    }

    private static long number(Map<String, Object> members, String name) {
        if (members.get(name) instanceof Number value) {
            return value.longValue();
        }
        throw new IllegalArgumentException("no number '" + name + "'");
    }

    private static ApprovalRefusedException forged(String why) {
        return new ApprovalRefusedException(
                "APPROVAL_FORGED",
                "The approval is not accepted: " + why + ".",
                "Approve again with a key whose public file lies in the workers' folder of trusted approvers.");
    }
}
