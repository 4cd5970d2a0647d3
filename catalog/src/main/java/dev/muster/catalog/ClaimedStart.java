package dev.muster.catalog;

/**
 * The run that an Idempotency-Key stands for.
 *
 * @param runId the run's ULID, the same for every repeat
 * @param first whether this claim made it
 * @param confirmed whether the run is known to have started, so that it must not be started again. A claim that is
 *     neither first nor confirmed is one whose start failed, or is under way in another process
 */
public record ClaimedStart(String runId, boolean first, boolean confirmed) {}
