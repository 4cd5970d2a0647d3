package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;

/**
 * WAL of an old primary that the new one does not have.
 *
 * @param timeline the timeline that the old one wrote it on
 * @param from where the new primary left that timeline
 * @param to the end of the old one's last whole record
 */
public record DivergentRange(int timeline, Lsn from, Lsn to) {
    public long bytes() {
        return to.minus(from);
    }

    @Override
    public String toString() {
        return from + " to " + to + " on timeline " + timeline;
    }
}
