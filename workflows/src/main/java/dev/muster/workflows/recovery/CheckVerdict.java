package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;

/**
 * A check that ran and passed, or that could not be made and says so. One that does not hold fails its activity.
 *
 * @param checked false where the check could not be made here; never counted as a pass
 */
public record CheckVerdict(String name, boolean checked, String finding) implements StepResult {
    @Override
    public String detail() {
        return checked ? finding : "NOT CHECKED: " + finding;
    }
}
