package dev.muster.workflows.approval;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Mints and reads approval tokens: a compact JSON Web Signature (RFC 7515) with EdDSA (RFC 8037), nothing else. */
public final class ApprovalTokens {
    private static final String TYPE = "muster-approval+jws";
    private static final int LONGEST_TOKEN = 4096;
    private static final int MOST_ROLES = 20;

    private ApprovalTokens() {}

    /** Signs the claims with the approver's private key. */
    public static String mint(ApproverKey key, ApprovalClaims claims) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
        signature.setHeader("typ", TYPE);
        signature.setKeyIdHeaderValue(key.keyId());
        signature.setKey(key.privateKey());
        signature.setPayload(JsonUtil.toJson(members(claims)));
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("Cannot sign with the key " + key.keyId(), e);
        }
    }

    private static Map<String, Object> members(ApprovalClaims claims) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", claims.id());
        members.put("workflow", claims.workflowId());
        members.put("run", claims.runId());
        members.put("gate", claims.gate().name());
        members.put("plan", claims.planHash());
        members.put("lossCeilingSeconds", claims.lossCeilingSeconds());
        members.put("requester", claims.requester());
        members.put("issuedAt", claims.issuedAt().toString());
        members.put("expiresAt", claims.expiresAt().toString());
        ApprovalClaims.Attested attested = claims.attested();
        if (attested != null) {
            members.put("approver", attested.approver());
            members.put("roles", attested.roles().stream().sorted().toList());
            members.put("comment", attested.comment());
        }
        return members;
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
            ApprovalClaims claims = claims(JsonUtil.parseJson(signature.getPayload()));
            if (!key.issuer()) {
                // Whatever the token says of its approver: a person's key speaks for that person, with the roles that
                // this process's own list gives.
                return new Approval(key.subject(), key.roles(), key.keyId(), claims);
            }
            ApprovalClaims.Attested attested = claims.attested();
            if (attested == null) {
                throw forged("an issuer signed it and it does not say for whom");
            }
            return new Approval(attested.approver(), attested.roles(), key.keyId(), claims);
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
                Instant.parse(text(members, "expiresAt")),
                members.containsKey("approver") ? attested(members) : null);
    }

    private static ApprovalClaims.Attested attested(Map<String, Object> members) {
        if (!(members.get("roles") instanceof List<?> roles) || roles.size() > MOST_ROLES) {
            throw new IllegalArgumentException("no list 'roles' of at most " + MOST_ROLES);
        }
        return new ApprovalClaims.Attested(
                text(members, "approver"),
                roles.stream().map(String::valueOf).collect(Collectors.toUnmodifiableSet()),
                text(members, "comment"));
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
