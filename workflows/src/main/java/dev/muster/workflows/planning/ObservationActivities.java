package dev.muster.workflows.planning;

import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Looks, and touches nothing. */
@ActivityInterface
public interface ObservationActivities {
    /** The live database and the place for a copy, on the host queue. A database that is down is an observation. */
    @ActivityMethod(name = "ObserveDatabase")
    DatabaseObservation observeDatabase(RunRequest request);

    /** Backups, WAL and, where the target asks for it, the destructive transaction, on the site queue. */
    @ActivityMethod(name = "ObserveRepository")
    RepositoryObservation observeRepository(RunRequest request);
}
