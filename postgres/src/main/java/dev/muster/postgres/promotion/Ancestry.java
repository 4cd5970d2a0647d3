package dev.muster.postgres.promotion;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.TimelineHistory;

/** Whether what a member has is in another's past (SAFETY "Failover" 9). Pure. */
public final class Ancestry {
    private Ancestry() {}

    /**
     * @param member whose WAL it is
     * @param timeline that it wrote or replayed last
     * @param end of its WAL
     * @param other the history of the member that it is to follow
     * @throws PostgresException TIMELINE_STRANGE if that timeline is none of the other's ancestors; WAL_DIVERGED if it
     *     has more of it than the other has taken over
     */
    public static void refuseDiverged(String member, int timeline, Lsn end, TimelineHistory other) {
        if (!other.contains(timeline)) {
            throw new PostgresException(
                    "TIMELINE_STRANGE",
                    "Member " + member + " is on timeline " + timeline + ", which is not in the past of timeline "
                            + other.timeline() + "; nothing was changed",
                    "Was it promoted by hand? Compare the history files in pg_wal of both.");
        }
        other.endOf(timeline).filter(end::isAfter).ifPresent(left -> {
            throw new PostgresException(
                    "WAL_DIVERGED",
                    "Member " + member + " has WAL of timeline " + timeline + " up to " + end + ", timeline "
                            + other.timeline() + " left it at " + left + ": " + end.minus(left)
                            + " bytes are on this member alone; nothing was changed",
                    "Save and list what it wrote, then rewind it or restore it from a backup.");
        });
    }
}
