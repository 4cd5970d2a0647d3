package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;

/**
 * A copy that was stopped and removed.
 *
 * @param existed false when there was nothing left to remove
 */
public record Removed(String directory, boolean existed) implements StepResult {
    @Override
    public String detail() {
        return existed ? "stopped and removed " + directory : "nothing left at " + directory;
    }
}
