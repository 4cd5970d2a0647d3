package dev.muster.catalog;

import java.time.Instant;

/**
 * Something that was asked for and not allowed.
 *
 * @param who as far as it is known; empty if nobody was recognised
 * @param action what was tried, such as {@code POST /v1/runs}
 * @param target on what, such as a run's id; may be empty
 */
public record Refusal(Instant at, String who, String action, String target, String code, String message) {}
