package dev.muster.workflows.stores;

import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/**
 * What is done with stored backups, on the site queue. The plan travels with each step, and whoever takes it verifies it
 * anew: any worker of the site can go on where another one died.
 */
@ActivityInterface
public interface StoreActivities {
    /** Looks as deep as the plan says. What is not sound is a finding, not a failure. */
    @ActivityMethod(name = "VerifyStore")
    VerifiedStore verifyStore(Authority authority, PlanDocument plan);

    /**
     * Copies what the repository of this step lacks. A store that is away is a failure and tried again; an object that
     * cannot be copied is a finding.
     */
    @ActivityMethod(name = "ReplicateStore")
    ReplicatedStore replicateStore(Authority authority, PlanDocument plan, String stepId);

    /** Deletes what the plan names, and nothing else; what a killed attempt left is finished. */
    @ActivityMethod(name = "ExpireStore")
    ExpiredStore expireStore(Authority authority, PlanDocument plan);
}
