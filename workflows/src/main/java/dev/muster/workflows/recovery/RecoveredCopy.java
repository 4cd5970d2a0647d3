package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;

/**
 * A copy that runs, in recovery, paused at the target.
 *
 * @param replayed how far the WAL was replayed, as PostgreSQL writes positions
 * @param target what was asked for, in words
 * @param host where it listens, a loopback address
 */
public record RecoveredCopy(String replayed, String target, String host, int port, int timeline) implements StepResult {
    @Override
    public String detail() {
        return "replayed to " + replayed + " on timeline " + timeline + " (" + target + "), paused in recovery on "
                + host + ":" + port;
    }
}
