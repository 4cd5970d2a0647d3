package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RestoreOptions;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Chooses how an old primary rejoins: the cheapest of what is possible, with reasons. Changes nothing but a checkpoint. */
final class RejoinPlanner {
    private final Installation installation;
    private final RejoinRequest request;
    private final NewPrimary primary;
    private final NewPrimary.Identity identity;
    private final Repository repository;
    private final WalArchive archive;

    RejoinPlanner(
            Installation installation,
            RejoinRequest request,
            NewPrimary primary,
            NewPrimary.Identity identity,
            Repository repository,
            WalArchive archive) {
        this.installation = installation;
        this.request = request;
        this.primary = primary;
        this.identity = identity;
        this.repository = repository;
        this.archive = archive;
    }

    /**
     * @param rewindFailed the directory is the rest of a failed rewind
     * @param always measure what a restore would write, also where there is nothing to compare it with
     */
    RejoinPlan plan(Ancestry ancestry, boolean rewindFailed, boolean always, Progress progress) {
        RejoinPlan.Option follow = follow(ancestry);
        RejoinPlan.Option rewind = rewind(ancestry, rewindFailed);
        // Measuring it reads the whole directory.
        boolean measure = always || (rewind.possible() && rewind.bytes().isPresent());
        RejoinPlan.Option delta = follow.possible() && wants(RejoinMethod.FOLLOW)
                ? not(RejoinMethod.DELTA_RESTORE, "nothing needs to be restored")
                : delta(measure, progress);
        List<RejoinPlan.Option> options = List.of(follow, rewind, delta);
        Optional<RejoinPlan.Option> chosen = options.stream()
                .filter(option -> option.possible() && wants(option.method()))
                .min(Comparator.comparingLong(RejoinPlanner::cost));
        return new RejoinPlan(ancestry, options, chosen);
    }

    private boolean wants(RejoinMethod method) {
        return request.method().map(method::equals).orElse(true);
    }

    /** An unknown number of bytes counts as many; of two unknown ones the delta restore is the one that can go on. */
    private static long cost(RejoinPlan.Option option) {
        if (option.method() == RejoinMethod.FOLLOW) {
            return -1;
        }
        return option.bytes().orElse(option.method() == RejoinMethod.REWIND ? Long.MAX_VALUE : Long.MAX_VALUE - 1);
    }

    private static RejoinPlan.Option not(RejoinMethod method, String reason) {
        return new RejoinPlan.Option(method, false, OptionalLong.empty(), Optional.empty(), reason);
    }

    private RejoinPlan.Option follow(Ancestry ancestry) {
        if (ancestry.relation() != Ancestry.Relation.BEHIND) {
            return not(RejoinMethod.FOLLOW, "it has WAL that the new primary has not");
        }
        Lsn reach = archive.reach(identity.history(), ancestry.fork());
        if (reach.isBefore(identity.flushed()) && !primary.hasWal(identity, reach)) {
            return not(
                    RejoinMethod.FOLLOW, "neither the new primary nor the archive has the WAL from " + reach + " on");
        }
        return new RejoinPlan.Option(
                RejoinMethod.FOLLOW,
                true,
                OptionalLong.of(identity.flushed().minus(ancestry.fork())),
                Optional.empty(),
                "it is only behind: it replays the WAL from " + ancestry.fork());
    }

    private RejoinPlan.Option rewind(Ancestry ancestry, boolean failed) {
        if (failed) {
            return not(RejoinMethod.REWIND, "a rewind of this directory has failed");
        }
        if (ancestry.relation() != Ancestry.Relation.DIVERGED) {
            return not(RejoinMethod.REWIND, "nothing has diverged");
        }
        Rewind rewind =
                new Rewind(installation, request.directory(), request.standby().connection());
        Optional<String> obstacle = rewind.obstacle();
        if (obstacle.isPresent()) {
            return not(RejoinMethod.REWIND, obstacle.get());
        }
        try {
            primary.checkpoint();
        } catch (PostgresException e) {
            return not(RejoinMethod.REWIND, "the new primary cannot be asked for a checkpoint: " + e.getMessage());
        }
        if (!OldPrimary.read(installation, request.directory()).stoppedCleanly()) {
            return new RejoinPlan.Option(
                    RejoinMethod.REWIND,
                    true,
                    OptionalLong.empty(),
                    Optional.empty(),
                    "pg_rewind is installed; what it copies is unknown, since the old primary was not stopped cleanly");
        }
        try {
            return new RejoinPlan.Option(
                    RejoinMethod.REWIND, true, rewind.estimate(), Optional.empty(), "its dry run succeeded");
        } catch (PostgresException e) {
            return not(RejoinMethod.REWIND, "its dry run failed: " + e.getMessage());
        }
    }

    private record Usable(CommittedBackup backup, BackupSummary summary) {}

    private RejoinPlan.Option delta(boolean measure, Progress progress) {
        List<String> reasons = new ArrayList<>();
        List<WalRange> ranges = archive.ranges();
        for (Usable usable : usable()) {
            Lsn reach = WalArchive.reach(
                    ranges, identity.history(), usable.summary().start());
            if (reach.isBefore(identity.flushed()) && !primary.hasWal(identity, reach)) {
                reasons.add("backup " + usable.backup().id() + " lacks the WAL from " + reach + " on");
                continue;
            }
            long wal = identity.flushed().minus(usable.summary().start());
            OptionalLong bytes = measure
                    ? OptionalLong.of(wal + restore(usable).plan(progress).toWrite())
                    : OptionalLong.empty();
            return new RejoinPlan.Option(
                    RejoinMethod.DELTA_RESTORE,
                    true,
                    bytes,
                    Optional.of(usable.backup().id()),
                    "backup " + usable.backup().id() + " of timeline "
                            + usable.summary().timeline() + " ends at "
                            + usable.summary().stop() + ", " + wal + " bytes of WAL follow");
        }
        reasons.add("no other backup of source " + request.source() + " is of the new primary's history");
        return not(RejoinMethod.DELTA_RESTORE, String.join("; ", reasons));
    }

    private PhysicalRestore restore(Usable usable) {
        RestoreOptions options =
                RestoreOptions.defaults().withTablespaces(request.tablespaces()).overwriting(identity.systemId());
        return new PhysicalRestore(
                repository, request.source(), usable.backup().id(), request.directory(), request.token(), options);
    }

    /** The backups of the new primary's history, the one with the least WAL after it first. */
    private List<Usable> usable() {
        TimelineHistory history = identity.history();
        List<Usable> usable = new ArrayList<>();
        List<RepositoryException> unreadable = new ArrayList<>();
        for (CommittedBackup backup : repository.backups(request.source(), unreadable::add)) {
            BackupSummary summary = BackupSummary.of(backup.summary());
            boolean before = history.endOf(summary.timeline())
                    .map(end -> !summary.stop().isAfter(end))
                    .orElse(summary.timeline() == history.timeline());
            if (summary.systemId().equals(identity.systemId()) && before) {
                usable.add(new Usable(backup, summary));
            }
        }
        usable.sort(Comparator.comparing((Usable one) -> one.summary().start()).reversed());
        return usable;
    }
}
