package dev.muster.activities.planning;

/** Hands out each system's epochs, rising, each to one run. */
public interface EpochSequence {
    /**
     * The run's epoch of the system: a new one, higher than all before, at the first call, the same one again after.
     *
     * @param runId the run's ULID
     */
    long claim(String system, String runId);
}
