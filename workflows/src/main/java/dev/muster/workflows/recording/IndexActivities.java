package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;

/** What goes into the catalogue about stores, on the queue of the workers that reach it. All may be repeated. */
@ActivityInterface
public interface IndexActivities {
    /** A database of a system, the site whose worker reads its store, and what that worker is asked with. */
    record Source(String system, String database, String site, RunRequest request) {}

    /** The system's databases. A file with problems is a REFUSED failure that names them all. */
    @ActivityMethod(name = "ListSources")
    List<Source> sources(RunRequest.SourceFile system, String requester);

    /** Each database's every repository. A file with problems is a REFUSED failure that names them all. */
    @ActivityMethod(name = "ListRepositories")
    List<CopiesQuestion> repositories(RunRequest.SourceFile system, String requester);

    /**
     * Keeps what was seen in one repository.
     *
     * @return false if a later look is known; then it stays
     */
    @ActivityMethod(name = "StoreCopies")
    boolean storeCopies(CopiesObservation observation);

    /**
     * Replaces what the catalogue knows of the store.
     *
     * @return false if a later observation is known; then it stays
     */
    @ActivityMethod(name = "StoreIndex")
    boolean store(StoreObservation observation);
}
