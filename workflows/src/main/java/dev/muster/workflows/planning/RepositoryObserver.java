package dev.muster.workflows.planning;

import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Looks into the repository from its site, and touches nothing. */
@ActivityInterface
public interface RepositoryObserver {
    /** Backups, WAL and, where the target asks for it, the destructive transaction, on the site queue. */
    @ActivityMethod(name = "ObserveRepository")
    RepositoryObservation observeRepository(RunRequest request);
}
