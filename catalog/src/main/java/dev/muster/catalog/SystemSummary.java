package dev.muster.catalog;

import java.time.Instant;

/** A system in a list, without its YAML. */
public record SystemSummary(String name, String version, String changedBy, Instant changedAt) {}
