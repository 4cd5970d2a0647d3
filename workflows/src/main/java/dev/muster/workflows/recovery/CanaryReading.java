package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;
import java.time.Instant;
import java.util.Locale;

/**
 * The newest canary row on the copy, against the moment that recovery was asked for.
 *
 * @param newest when the newest canary on the copy was written, by the source's clock
 * @param reference the moment that the loss is measured from
 * @param rpoSeconds from {@code newest} to {@code reference}; the measured recovery point
 */
public record CanaryReading(Instant newest, Instant reference, double rpoSeconds) implements StepResult {
    @Override
    public String detail() {
        return String.format(
                Locale.ROOT, "newest canary on the copy %s, %.2f s before %s", newest, rpoSeconds, reference);
    }
}
