package dev.muster.activities.stores;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.authority.SiteAuthority;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.Replicating;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.stores.ExpiredStore;
import dev.muster.workflows.stores.ReplicatedStore;
import dev.muster.workflows.stores.StoreActivities;
import dev.muster.workflows.stores.VerifiedStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;

/** Works on the repositories of this worker's site, each time after the plan was verified here. */
public final class SiteStores implements StoreActivities {
    private final SiteAuthority authority;
    private final ProtectedDatabases databases;
    private final Repositories repositories;
    private final Path verified;
    private final Clock clock;

    /** @param verified the folder that keeps what was found sound when */
    public SiteStores(
            SiteAuthority authority,
            ProtectedDatabases databases,
            Repositories repositories,
            Path verified,
            Clock clock) {
        this.authority = authority;
        this.databases = databases;
        this.repositories = repositories;
        this.verified = verified;
        this.clock = clock;
    }

    @Override
    public VerifiedStore verifyStore(Authority shown, PlanDocument document) {
        return ActivityWork.run(heartbeats -> {
            Plan plan = authority.plan(shown, document, StepType.STORE_VERIFY);
            ProtectedDatabase database = databases.of(plan);
            return new StoreVerification(repositories.of(database), database, verified, clock)
                    .run(Objects.requireNonNull(plan.verify()), heartbeats);
        });
    }

    @Override
    public ReplicatedStore replicateStore(Authority shown, PlanDocument document, String stepId) {
        return ActivityWork.run(heartbeats -> {
            Plan plan = authority.plan(shown, document, stepId);
            ProtectedDatabase database = databases.of(plan);
            Replicating replicating = Objects.requireNonNull(plan.replicate());
            SystemDescription.RepositoryPlace to = replicating.of(stepId).orElseThrow();
            return new StoreReplication(repositories.of(database), database, to, clock).run(shown.runId(), heartbeats);
        });
    }

    @Override
    public ExpiredStore expireStore(Authority shown, PlanDocument document) {
        return ActivityWork.run(heartbeats -> {
            Plan plan = authority.plan(shown, document, StepType.STORE_EXPIRE);
            ProtectedDatabase database = databases.of(plan);
            return new StoreExpiry(repositories.of(database), database, clock)
                    .run(Objects.requireNonNull(plan.expire()), plan, heartbeats);
        });
    }
}
