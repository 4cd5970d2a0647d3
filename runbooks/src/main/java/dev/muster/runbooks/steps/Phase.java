package dev.muster.runbooks.steps;

import com.fasterxml.jackson.annotation.JsonValue;

/** The fixed parts of the scenarios, in the only order in which they come. */
public enum Phase {
    /** A backup is taken. */
    BACKUP("backup"),
    /** A copy's files are restored. */
    RESTORE("restore"),
    /** The copy replays WAL to the target and stays in recovery. */
    REPLAY("replay"),
    /** The copy is checked; the runbook says by which steps. */
    VERIFY("verify"),
    /** What was lost goes back. */
    OUTCOME("outcome"),
    /** Backups and WAL go to other stores. */
    REPLICATE("replicate"),
    /** What no rule keeps goes. */
    EXPIRE("expire"),
    /** The copy is removed, also after a failure where the scenario says so. */
    CLEANUP("cleanup");

    private final String id;

    Phase(String id) {
        this.id = id;
    }

    @JsonValue
    public String id() {
        return id;
    }
}
