package dev.muster.activities.authority;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;

/** Admits runs to a host or a site: what is wrong with a plan is told before its first step. */
public final class Admission implements AdmissionActivities {
    /** Who verifies: {@link HostAuthority#admit} or {@link SiteAuthority#admit}. */
    @FunctionalInterface
    public interface Verification {
        /** @return the approver's name; empty where the plan needs no approval */
        String admit(Authority shown, PlanDocument plan);
    }

    private final Verification authority;
    private final ProtectedDatabases databases;

    public Admission(Verification authority, ProtectedDatabases databases) {
        this.authority = authority;
        this.databases = databases;
    }

    @Override
    public String admit(Authority shown, PlanDocument plan) {
        return ActivityWork.run(heartbeats -> {
            databases.of(StoredPlan.read(plan.json(), shown.planHash()).plan());
            return authority.admit(shown, plan);
        });
    }
}
