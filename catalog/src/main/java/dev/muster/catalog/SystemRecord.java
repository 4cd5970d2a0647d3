package dev.muster.catalog;

import java.time.Instant;

/**
 * A system's description as it stands.
 *
 * @param version SHA-256 of the YAML's bytes, hexadecimal
 */
public record SystemRecord(String name, String yaml, String version, String changedBy, Instant changedAt) {}
