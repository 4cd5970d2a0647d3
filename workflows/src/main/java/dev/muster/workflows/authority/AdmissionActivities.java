package dev.muster.workflows.authority;

import dev.muster.workflows.planning.PlanDocument;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** The host's own decision whether a run may act there. */
@ActivityInterface
public interface AdmissionActivities {
    /**
     * Verifies the plan's hash, the approval and the epoch, then keeps the plan on the host, where each later step of
     * the run reads it. Repeating it changes nothing.
     *
     * @return the approver's name by the host's own list of keys; empty where the scenario needs no approval
     */
    @ActivityMethod(name = "AdmitRun")
    String admit(Authority authority, PlanDocument plan);
}
