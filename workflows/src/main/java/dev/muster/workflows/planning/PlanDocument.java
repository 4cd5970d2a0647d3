package dev.muster.workflows.planning;

/**
 * A plan as it is stored, hashed and shown.
 *
 * @param json the canonical bytes (RFC 8785) as text, at most 256 KiB
 * @param hash SHA-256 of these bytes, 64 hexadecimal digits
 */
public record PlanDocument(String json, String hash) {}
