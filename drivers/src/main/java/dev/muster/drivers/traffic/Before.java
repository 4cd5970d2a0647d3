package dev.muster.drivers.traffic;

import java.time.Duration;

/**
 * What was seen when the change was planned.
 *
 * @param ttl for how long that answer may live in caches after the last one was given
 */
public record Before(Shares shares, Duration ttl) {}
