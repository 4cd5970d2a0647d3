package dev.muster.workflows.planning;

import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Looks at a database from its host, and touches nothing. */
@ActivityInterface
public interface DatabaseObserver {
    /** The live database and the place for a copy, on the host queue. A database that is down is an observation. */
    @ActivityMethod(name = "ObserveDatabase")
    DatabaseObservation observeDatabase(RunRequest request);
}
