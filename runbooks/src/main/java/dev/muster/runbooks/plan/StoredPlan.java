package dev.muster.runbooks.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A plan as it is stored, hashed, approved and executed: bytes that are written once and never again from a parsed
 * plan, because a library that writes a number or an escape in another way would void the approval.
 */
public final class StoredPlan {
    /** Canonical bytes. */
    public static final int LARGEST = 256 * 1024;

    private final byte[] bytes;
    private final String hash;
    private final Plan plan;

    private StoredPlan(byte[] bytes, String hash, Plan plan) {
        this.bytes = bytes;
        this.hash = hash;
        this.plan = plan;
    }

    /** @throws RunbookException PLAN_TOO_LARGE */
    public static StoredPlan of(Plan plan) {
        byte[] bytes = CanonicalJson.write(plan);
        checkSize(bytes.length);
        return new StoredPlan(bytes, hash(bytes), plan);
    }

    /**
     * Reads stored bytes back.
     *
     * @param expectedHash 64 hexadecimal digits, from where the plan was approved
     * @throws RunbookException PLAN_TOO_LARGE, PLAN_ALTERED, PLAN_VERSION_UNKNOWN or PLAN_UNREADABLE
     */
    public static StoredPlan read(byte[] stored, String expectedHash) {
        checkSize(stored.length);
        byte[] bytes = stored.clone();
        String hash = hash(bytes);
        if (!hash.equals(expectedHash)) {
            throw refused(
                    "PLAN_ALTERED",
                    "The plan's bytes have the hash " + hash + ", expected was " + expectedHash + ".",
                    "Somebody or something changed the stored plan. Find out who; then start a new run.");
        }
        return new StoredPlan(bytes, hash, parse(bytes));
    }

    /** The same for canonical bytes that travelled as text. */
    public static StoredPlan read(String json, String expectedHash) {
        return read(json.getBytes(StandardCharsets.UTF_8), expectedHash);
    }

    private static Plan parse(byte[] bytes) {
        try {
            JsonNode tree = CanonicalJson.MAPPER.readTree(text(bytes));
            JsonNode schema = tree.path("schema");
            if (!schema.isInt() || schema.intValue() != Plan.SCHEMA) {
                throw refused(
                        "PLAN_VERSION_UNKNOWN",
                        "The plan has the version " + schema + "; this program reads " + Plan.SCHEMA + ".",
                        "Use the version of Muster that made the plan, or start a new run.");
            }
            Plan plan = CanonicalJson.MAPPER.treeToValue(tree, Plan.class);
            CanonicalJson.refuseNulls(plan);
            return plan;
        } catch (JsonProcessingException | CharacterCodingException | IllegalArgumentException e) {
            throw refused(
                    "PLAN_UNREADABLE",
                    "The plan cannot be read: " + e.getMessage(),
                    "Its hash is right, so another program wrote it. Start a new run.");
        }
    }

    private static String text(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    private static void checkSize(int size) {
        if (size > LARGEST) {
            throw refused(
                    "PLAN_TOO_LARGE",
                    "The plan has " + size + " bytes; the most is " + LARGEST + ".",
                    "Make fewer checks in one run, or shorten their queries.");
        }
    }

    private static RunbookException refused(String code, String message, String hint) {
        return new RunbookException(Problem.of(code, message, hint));
    }

    /** SHA-256, hexadecimal. */
    public static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    /** A copy of the stored bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The stored bytes as text; its UTF-8 bytes are the stored bytes. */
    public String json() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public String hash() {
        return hash;
    }

    public Plan plan() {
        return plan;
    }
}
