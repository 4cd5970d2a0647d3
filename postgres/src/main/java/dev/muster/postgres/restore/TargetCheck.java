package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import java.time.Instant;

/** Whether a target can be reached from a backup, as far as that can be known before anything is touched. */
public final class TargetCheck {
    private TargetCheck() {}

    /**
     * Checks a target.
     *
     * @param timeline to recover along
     * @param now the present
     * @return the end of the WAL that can be replayed without a gap from the backup along the timeline
     * @throws PostgresException HISTORY_MISSING, TIMELINE_NOT_REACHABLE if the backup is not in the timeline's past,
     *     TARGET_BEFORE_BACKUP, TARGET_IN_FUTURE, TARGET_UNREACHABLE with the last point that can be reached
     */
    public static Lsn check(
            RecoveryTarget target, int timeline, BackupSummary backup, WalArchive archive, Instant now) {
        TimelineHistory path = path(timeline, backup, archive);
        refuseOtherPast(path, backup);
        Lsn end = archive.reach(path, backup.start());
        if (end.isBefore(backup.stop())) {
            throw unreachable("The backup itself needs WAL up to " + backup.stop(), end);
        }
        refuse(target, backup, now);
        if (target instanceof RecoveryTarget.Position position) {
            boolean beyond = position.inclusive()
                    ? !position.lsn().isBefore(end)
                    : position.lsn().isAfter(end);
            if (beyond) {
                throw unreachable("The target is " + target.describe(), end);
            }
        }
        return end;
    }

    /**
     * The WAL that a recovery needs.
     *
     * @param from where replay starts
     * @param to where it ends, as far as that is known without replaying; else the end of what is stored
     * @param stored how far the store has it without a gap
     */
    public record NeededWal(int timeline, Lsn from, Lsn to, Lsn stored) {
        public long bytes() {
            return Math.max(0, to.minus(from));
        }

        public boolean isThere() {
            return !stored.isBefore(to);
        }
    }

    /**
     * Tells which WAL a recovery needs, and whether it is there; {@link #check} refuses where it is not.
     *
     * @throws PostgresException HISTORY_MISSING, TIMELINE_NOT_REACHABLE
     */
    public static NeededWal neededWal(RecoveryTarget target, int timeline, BackupSummary backup, WalArchive archive) {
        TimelineHistory path = path(timeline, backup, archive);
        refuseOtherPast(path, backup);
        Lsn stored = archive.reach(path, backup.start());
        Lsn to = stored.isBefore(backup.stop()) ? backup.stop() : stored;
        if (target instanceof RecoveryTarget.Immediate) {
            to = backup.stop();
        } else if (target instanceof RecoveryTarget.Position position) {
            to = position.lsn().isBefore(backup.stop()) ? backup.stop() : position.lsn();
        }
        return new NeededWal(timeline, backup.start(), to, stored);
    }

    private static TimelineHistory path(int timeline, BackupSummary backup, WalArchive archive) {
        return archive.history(timeline)
                .orElseThrow(() -> new PostgresException(
                        "HISTORY_MISSING",
                        "The store has no history file of timeline " + timeline,
                        "Recover along a timeline whose history is stored, such as the backup's own: "
                                + backup.timeline() + "."));
    }

    /** Whether a whole backup lies on a path of timelines. */
    static boolean isInPast(TimelineHistory path, BackupSummary backup) {
        boolean left = path.endOf(backup.timeline())
                .map(end -> end.isBefore(backup.stop()))
                .orElse(false);
        return path.contains(backup.timeline()) && !left;
    }

    private static void refuseOtherPast(TimelineHistory path, BackupSummary backup) {
        if (!isInPast(path, backup)) {
            throw new PostgresException(
                    "TIMELINE_NOT_REACHABLE",
                    "The backup was taken on timeline " + backup.timeline() + " up to " + backup.stop()
                            + ", which is not in the past of timeline " + path.timeline(),
                    "Choose a backup from before the timelines parted, or another timeline.");
        }
    }

    private static void refuse(RecoveryTarget target, BackupSummary backup, Instant now) {
        boolean early =
                target instanceof RecoveryTarget.Time time && time.time().isBefore(backup.stopTime());
        boolean low = target instanceof RecoveryTarget.Position position
                && position.lsn().isBefore(backup.stop());
        if (early || low) {
            throw new PostgresException(
                    "TARGET_BEFORE_BACKUP",
                    "The target is " + target.describe() + ", and the backup is consistent only from " + backup.stop()
                            + " (" + backup.stopTime() + ") on",
                    "Choose an older backup or a later target.");
        }
        if (target instanceof RecoveryTarget.Time time && time.time().isAfter(now)) {
            throw new PostgresException(
                    "TARGET_IN_FUTURE",
                    "The target is " + target.describe() + ", and it is " + now,
                    "Check the time and its zone.");
        }
    }

    static PostgresException unreachable(String what, Lsn end) {
        return new PostgresException(
                "TARGET_UNREACHABLE",
                what + ", and the stored WAL can be replayed without a gap only up to " + end,
                "The last point that can be reached is " + end + ": recover to it, or find the missing WAL.");
    }
}
