package dev.muster.runbooks.plan;

import dev.muster.runbooks.BackupChoice;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which backup leads to the target. Pure.
 *
 * @param replayTo where replay ends: the target, or the end of the stored WAL where the target's place is not known
 */
record BackupSelection(RepositoryObservation.Backup backup, WalPath.Reach reach, WalPosition replayTo) {
    /** By timeline and position, not by clock: clocks go backwards. */
    private static final Comparator<RepositoryObservation.Backup> AGE = Comparator.comparingInt(
                    RepositoryObservation.Backup::timeline)
            .thenComparing(RepositoryObservation.Backup::stop)
            .thenComparing(RepositoryObservation.Backup::id);

    /** @throws RunbookException that says why no backup can be used */
    static BackupSelection choose(BackupChoice choice, TargetResolution target, Observed observed) {
        List<RepositoryObservation.Backup> all = observed.repository().backups();
        if (all.isEmpty()) {
            throw TargetResolution.refused(
                    "NO_BACKUP",
                    "The repository holds no committed backup of this source.",
                    "Run the backup runbook first. Is the source's name in the system right?");
        }
        if (choice instanceof BackupChoice.ById wanted) {
            RepositoryObservation.Backup backup = all.stream()
                    .filter(each -> each.id().equals(wanted.id()))
                    .findFirst()
                    .orElseThrow(() -> TargetResolution.refused(
                            "BACKUP_NOT_FOUND",
                            "The repository has no committed backup " + wanted.id() + " of this source.",
                            "The newest is "
                                    + all.stream().max(AGE).orElseThrow().id() + "."));
            Optional<Problem> objection = objection(backup, target, observed);
            if (objection.isPresent()) {
                throw new RunbookException(objection.get());
            }
            return of(backup, target, observed.repository());
        }
        List<RepositoryObservation.Backup> newestFirst =
                all.stream().sorted(AGE.reversed()).toList();
        Problem first = null;
        for (RepositoryObservation.Backup backup : newestFirst) {
            Optional<Problem> objection = objection(backup, target, observed);
            if (objection.isEmpty()) {
                return of(backup, target, observed.repository());
            }
            // A backup that is merely too new says less than the older one that should have served.
            if (first == null || first.code().equals("TARGET_BEFORE_BACKUP")) {
                first = objection.get();
            }
        }
        throw new RunbookException(first == null ? Problem.of("NO_BACKUP", "No backup.", "Run a backup.") : first);
    }

    private static BackupSelection of(
            RepositoryObservation.Backup backup, TargetResolution target, RepositoryObservation repository) {
        WalPath.Reach reach = reach(backup, target, repository).orElseThrow();
        WalPosition to = target.needsWalTo();
        return new BackupSelection(backup, reach, to == null ? reach.end() : to);
    }

    private static Optional<WalPath.Reach> reach(
            RepositoryObservation.Backup backup, TargetResolution target, RepositoryObservation repository) {
        return WalPath.from(repository, backup, target.target().timeline());
    }

    /** Why this backup does not lead to the target; empty if it does, as far as can be known. */
    private static Optional<Problem> objection(
            RepositoryObservation.Backup backup, TargetResolution target, Observed observed) {
        DatabaseObservation.Live live = observed.database().live();
        if (live != null && !live.systemId().equals(backup.systemId())) {
            return objection(
                    "OTHER_CLUSTER",
                    "The backup " + backup.id() + " is of the cluster " + backup.systemId() + "; the live database is "
                            + live.systemId() + ".",
                    "Was the live database created anew? Recover with a runbook for a source of that cluster.");
        }
        if (isBefore(target, backup)) {
            return objection(
                    "TARGET_BEFORE_BACKUP",
                    "The target (" + target.target().point().describe() + ") is before the end of the backup "
                            + backup.id() + " (" + backup.stop() + ", " + backup.stopTime()
                            + "), from where on a copy is consistent.",
                    "Use an older backup, or a later target.");
        }
        Optional<WalPath.Reach> reach = reach(backup, target, observed.repository());
        if (reach.isEmpty()) {
            return objection(
                    "TIMELINE_NOT_ANCESTOR",
                    "The backup " + backup.id() + " on timeline " + backup.timeline() + " does not lead to timeline "
                            + target.target().timeline() + ".",
                    "Use a backup of an ancestor, taken before the timelines parted; are all history files stored?");
        }
        WalPosition needed = needed(target, backup);
        if (!reach.get().covers(needed)) {
            return objection(
                    "TARGET_NOT_REACHABLE",
                    "From the backup " + backup.id() + " the stored WAL leads to "
                            + reach.get().end() + " on timeline "
                            + reach.get().timeline() + ", not to " + needed + " on timeline "
                            + target.target().timeline() + ".",
                    "That is the last point that can be reached. Is the receiver behind, or a WAL segment missing?");
        }
        return Optional.empty();
    }

    /** Where stored WAL must reach to: at least the backup's end, or the copy never becomes consistent. */
    private static WalPosition needed(TargetResolution target, RepositoryObservation.Backup backup) {
        WalPosition position = target.needsWalTo();
        return position == null || position.isBefore(backup.stop()) ? backup.stop() : position;
    }

    /** Positions rise along a timeline's ancestry, so those of different timelines compare. */
    private static boolean isBefore(TargetResolution target, RepositoryObservation.Backup backup) {
        WalPosition position = target.stopsAt();
        if (position != null) {
            return position.isBefore(backup.stop());
        }
        return target.target().point() instanceof RecoveryPoint.Time moment
                && moment.time().isBefore(backup.stopTime());
    }

    private static Optional<Problem> objection(String code, String message, String hint) {
        return Optional.of(Problem.of(code, message, hint));
    }
}
