package dev.muster.workflows.run;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.WorkflowInterface;

/** What can be asked of and told to every run, whichever its scenario. */
@WorkflowInterface
public interface Run {
    /** Phase, steps so far, and what it waits for. */
    @QueryMethod(description = "Phase, steps so far, and whom the run waits for")
    RunStatus status();

    /** The current plan's stored bytes as text; empty until there is one. */
    @QueryMethod(description = "The current plan, as the JSON that was hashed")
    String plan();

    /** Presents an approval and waits for the answer. */
    @UpdateMethod(description = "Present an approval token")
    ApprovalAnswer approve(String token);

    /** Presents the same token without waiting, as from the Temporal UI. */
    @SignalMethod(description = "Present an approval token without waiting for the answer")
    void approval(String token);
}
