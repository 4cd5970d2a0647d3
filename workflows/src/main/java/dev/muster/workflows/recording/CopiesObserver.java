package dev.muster.workflows.recording;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Looks which backups one repository holds, from its site, and touches nothing. */
@ActivityInterface
public interface CopiesObserver {
    /** A store that does not answer is a failure: then nothing is known, and least of all that something is gone. */
    @ActivityMethod(name = "ObserveCopies")
    CopiesObservation observeCopies(CopiesQuestion question);
}
