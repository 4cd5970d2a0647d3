package dev.muster.drivers.traffic;

import java.time.Instant;
import java.util.Optional;

/**
 * What was done so that the switch, when it comes, is noticed sooner.
 *
 * @param effectiveFrom when the last cached answer with the old life ends; absent if there was nothing to
 *     prepare, or not every place shows the shorter life yet: then it may be asked for again
 */
public record Preparation(Outcome outcome, Optional<Instant> effectiveFrom) {}
