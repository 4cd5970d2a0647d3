package dev.muster.postgres.fence;

import java.time.Duration;

/**
 * A server that is fenced, stopped and proved down.
 *
 * @param step what it took
 * @param took from the persisted fence to the proof
 */
public record FencedServer(FenceState state, StopStep step, DownProof proof, Duration took) {}
