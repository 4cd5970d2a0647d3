package dev.muster.runbooks.steps;

/**
 * How long a step may take and how often it is tried. A failure that a retry cannot mend is not retried.
 *
 * @param waitForWorkerSeconds nobody takes the step for this long: its outcome is known, it was not started
 * @param heartbeatSeconds without a sign of life for this long the step is given to the next worker
 * @param attemptSeconds the longest that one attempt takes
 * @param overallSeconds the longest that all attempts take
 * @param longestPauseSeconds between attempts, after pauses that double from one second
 */
public record StepBounds(
        long waitForWorkerSeconds,
        long heartbeatSeconds,
        long attemptSeconds,
        long overallSeconds,
        long longestPauseSeconds) {
    private static final long DAY = 24 * 3600;

    /** Work of minutes to hours that goes on where a killed attempt stopped. */
    static final StepBounds LONG_WORK = new StepBounds(15 * 60, 10, DAY, DAY, 30);

    public StepBounds {
        if (waitForWorkerSeconds < 1
                || heartbeatSeconds < 1
                || attemptSeconds < heartbeatSeconds
                || overallSeconds < attemptSeconds
                || longestPauseSeconds < 1) {
            throw new IllegalArgumentException("Bounds of a step that cannot be kept");
        }
    }
}
