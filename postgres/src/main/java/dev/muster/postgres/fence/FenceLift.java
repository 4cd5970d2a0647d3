package dev.muster.postgres.fence;

/**
 * The permission to start PostgreSQL again. A step of its own, approved by a person; never part of an undo.
 *
 * @param epoch of the run that lifts; not lower than the fence's
 * @param run the run's id
 * @param approvedBy the person
 */
public record FenceLift(long epoch, String run, String approvedBy) {
    public FenceLift {
        FenceOrder order = new FenceOrder(epoch, run, "lifted", approvedBy);
        assert order.epoch() == epoch;
    }
}
