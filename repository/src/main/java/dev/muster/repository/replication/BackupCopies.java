package dev.muster.repository.replication;

import com.github.f4b6a3.ulid.Ulid;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.replication.ReplicatedBackup.Outcome;
import dev.muster.repository.verification.Problem;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Copies one source with the key: WAL first, as a backup must not count anywhere before the WAL that makes it consistent;
 * then backups, the newest first, each with what it takes from others, its manifest, and COMMIT as the last.
 */
final class BackupCopies {
    /** How much WAL before a backup's begin is copied with it: it is archived whole only some time after its begin. */
    private static final Duration MARGIN = Duration.ofDays(1);

    /** An expiry that deletes looks for new leases several times in this time. */
    private static final Duration SEEN_AFTER = Duration.ofSeconds(1);

    private final Repository origin;
    private final Repository replica;
    private final ReplicationOptions options;
    private final Clock clock;
    private final Run run;

    BackupCopies(Repository origin, Repository replica, ReplicationOptions options, Clock clock, Run run) {
        this.origin = origin;
        this.replica = replica;
        this.options = options;
        this.clock = clock;
        this.run = run;
    }

    void copy(String source) {
        List<CommittedBackup> newestFirst = new ArrayList<>(origin.backups(
                source, failure -> run.problems().add(Problem.of(ObjectName.backups(source), failure))));
        Collections.reverse(newestFirst);
        Map<String, CommittedBackup> there = new HashMap<>();
        ObjectCopier.inReplica(() -> replica.backups(
                        source, failure -> run.problems().add(Problem.of(ObjectName.backups(source), failure))))
                .forEach(backup -> there.put(backup.id(), backup));
        newestFirst.removeIf(backup -> !wanted(backup.id()) && !there.containsKey(backup.id()));
        new WalCopies(run).copy(source, wantedWal(newestFirst));
        for (CommittedBackup backup : newestFirst) {
            copy(backup, Optional.ofNullable(there.get(backup.id())));
        }
        leftovers(source);
    }

    private boolean wanted(String backup) {
        return options.oldest().map(oldest -> !begun(backup).isBefore(oldest)).orElse(true);
    }

    private static Instant begun(String backup) {
        return Ulid.from(backup).getInstant();
    }

    private Predicate<ObjectInfo> wantedWal(List<CommittedBackup> newestFirst) {
        if (options.oldest().isEmpty()) {
            return wal -> true;
        }
        Instant[] from = {options.oldest().get()};
        for (CommittedBackup backup : newestFirst) {
            from[0] = earlier(from[0], begun(backup.id()));
            // By the same clock as the WAL's times: the writer's may be days away from it.
            run.origin()
                    .list(
                            ObjectName.backup(backup.source(), backup.id()),
                            object -> from[0] = earlier(from[0], object.modified()));
        }
        Instant since = from[0].minus(MARGIN);
        return wal -> !wal.modified().isBefore(since);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private void copy(CommittedBackup backup, Optional<CommittedBackup> there) {
        try {
            if (there.isEmpty() && expiredThere(backup)) {
                return;
            }
            Optional<CommittedBackup> counting = there.isPresent() ? there : decidedMeanwhile(backup);
            boolean counts = counting.isPresent();
            if (counts) {
                requireSame(backup, counting.get());
            } else {
                announce(backup);
            }
            copyObjects(backup, counts)
                    .ifPresent(
                            outcome -> run.backups().add(new ReplicatedBackup(backup.source(), backup.id(), outcome)));
        } catch (RepositoryException | StoreException e) {
            if (isCommitted(backup)) {
                run.problems().add(Problem.of(ObjectName.commit(backup.source(), backup.id()), e));
                run.backups().add(new ReplicatedBackup(backup.source(), backup.id(), Outcome.INCOMPLETE));
            }
        }
    }

    /** @return nothing if the backup has ended in one of the stores meanwhile */
    private Optional<Outcome> copyObjects(CommittedBackup backup, boolean counts) {
        String prefix = ObjectName.backup(backup.source(), backup.id());
        List<ObjectInfo> own = run.inOrigin(prefix);
        // After the lease is there: what an expiry of the replica still takes away was announced too late for it.
        Map<String, Long> there = run.inReplica(prefix);
        if (counts && !there.containsKey(ObjectName.commit(backup.source(), backup.id()))) {
            return Optional.empty(); // An expiry there has just let it go, and no lease says that it is written again.
        }
        Batch batch = run.batch();
        own.stream().filter(object -> !last(object.key())).forEach(object -> batch.add(object, there));
        batch.finish();
        if (!counts || options.everyMap()) {
            SortedSet<String> needed = new NeededObjects(origin, run.crew()).of(backup);
            own.forEach(object -> needed.remove(object.key()));
            others(batch, backup, needed);
            batch.finish();
            requireStay(batch, backup, needed);
            lock(batch, backup, needed);
        }
        for (ObjectType type : List.of(ObjectType.MANIFEST, ObjectType.COMMIT)) {
            if (batch.failedSome() || batch.goneSome()) {
                break;
            }
            own.stream().filter(object -> is(object.key(), type)).forEach(object -> batch.add(object, there));
            batch.finish();
        }
        if (batch.goneSome() && isCommitted(backup)) {
            throw new RepositoryException(
                    "OBJECT_MISSING",
                    "An object of the backup " + backup.id() + " of " + backup.source() + " vanished from "
                            + origin.store().url() + " while it was copied.",
                    "Verify the backup there. Who deletes objects by hand?");
        }
        if (batch.goneSome()) {
            return Optional.empty();
        }
        if (batch.failedSome()) {
            return Optional.of(Outcome.INCOMPLETE);
        }
        return Optional.of(counts ? batch.copiedSome() ? Outcome.REPAIRED : Outcome.PRESENT : Outcome.COPIED);
    }

    /** What it needs besides its own objects that the origin has; each folder is listed once in both stores. */
    private void others(Batch batch, CommittedBackup backup, SortedSet<String> keys) {
        Set<String> missing = new TreeSet<>(keys);
        for (String folder : folders(keys)) {
            Map<String, Long> there = run.inReplica(folder);
            run.settle(there);
            for (ObjectInfo object : run.inOrigin(folder)) {
                if (missing.remove(object.key())) {
                    batch.add(object, there);
                }
            }
            missing.removeAll(there.keySet());
        }
        if (missing.isEmpty() || !isCommitted(backup)) {
            return; // A backup that has ended since it was listed needs nothing any more.
        }
        for (String key : missing) {
            batch.failed();
            run.problems()
                    .add(new Problem(
                            "OBJECT_MISSING",
                            key,
                            Optional.empty(),
                            "The object " + key + " is needed by a committed backup and exists neither in "
                                    + origin.store().url() + " nor in "
                                    + replica.store().url() + ".",
                            "Look for it in other copies; else the backup cannot be restored as a whole."));
        }
    }

    /**
     * An expiry of the replica that began before the lease was there may have taken away what was found there. It stops as
     * soon as it sees the lease.
     */
    private void requireStay(Batch batch, CommittedBackup backup, SortedSet<String> keys) {
        if (batch.failedSome() || batch.goneSome()) {
            return;
        }
        if (folders(keys).stream().anyMatch(this::isGoing)) {
            awaitSeen();
        }
        Set<String> missing = new TreeSet<>(keys);
        folders(keys).forEach(folder -> missing.removeAll(run.inReplica(folder).keySet()));
        if (!missing.isEmpty() && isCommitted(backup)) {
            batch.failed();
            String gone = missing.iterator().next();
            run.problems()
                    .add(new Problem(
                            "REPLICA_EXPIRING",
                            gone,
                            Optional.empty(),
                            "An expiry of " + replica.store().url() + " took " + gone + " away while the backup "
                                    + backup.id() + " of " + backup.source() + ", which needs it, was copied.",
                            "It does not count there. Replicate again: what is lacking is copied then."));
        }
    }

    /** Also where it was copied for an older backup: its lock would end before this one's. */
    private void lock(Batch batch, CommittedBackup backup, SortedSet<String> keys) {
        if (keys.isEmpty() || batch.failedSome() || batch.goneSome()) {
            return;
        }
        try {
            replica.lockForCopy(keys);
        } catch (RepositoryException e) {
            // It counts all the same: a copy with a short lock is better than none.
            run.problems().add(Problem.of(ObjectName.commit(backup.source(), backup.id()), e));
        }
    }

    /** Whether an expiry of the replica has begun to take it away; it may have ended long ago, and left what others need. */
    private boolean isGoing(String folder) {
        Set<String> there = run.inReplica(folder).keySet();
        return there.stream().anyMatch(Run::isExpiring) && there.stream().noneMatch(key -> is(key, ObjectType.COMMIT));
    }

    private static void awaitSeen() {
        try {
            Thread.sleep(SEEN_AFTER.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while it was waited for an expiry", e);
        }
    }

    private static Set<String> folders(SortedSet<String> keys) {
        Set<String> folders = new TreeSet<>();
        keys.forEach(key -> folders.add(key.substring(0, key.lastIndexOf('/') + 1)));
        return folders;
    }

    /**
     * What expiry has left of backups that ended, because others need it: found by listing, so that each run notices a pack
     * that the replica has lost, without reading maps.
     */
    private void leftovers(String source) {
        if (options.oldest().isPresent()) {
            return; // Some may be needed only by what is not copied; a run with every map finds the others.
        }
        SortedSet<String> folders = Listings.folders(run.origin(), ObjectName.backups(source), 1, stray -> {});
        Set<String> leased = Listings.leased(run.origin());
        Batch batch = run.batch();
        for (String folder : folders) {
            String backup = folder.substring(ObjectName.backups(source).length(), folder.length() - 1);
            List<ObjectInfo> objects = run.inOrigin(folder);
            boolean decided = objects.stream().anyMatch(object -> is(object.key(), ObjectType.COMMIT));
            if (!decided && !leased.contains(backup)) {
                Map<String, Long> there = run.inReplica(folder);
                objects.stream().filter(object -> !last(object.key())).forEach(object -> batch.add(object, there));
            }
        }
        batch.finish();
    }

    private void announce(CommittedBackup backup) {
        try {
            ObjectCopier.inReplica(() -> {
                replica.announce(options.writer(), backup.source(), backup.id(), clock.instant());
                return backup;
            });
        } catch (ObjectExistsException e) {
            return; // An earlier run of ours began with it.
        }
    }

    private void requireSame(CommittedBackup backup, CommittedBackup there) {
        boolean same =
                backup.manifestHash().equals(there.manifestHash()) && backup.manifestSize() == there.manifestSize();
        if (!same) {
            throw new RepositoryException(
                    "REPLICA_DIFFERS",
                    "The backup " + backup.id() + " of " + backup.source() + " has another manifest in "
                            + origin.store().url() + " than in "
                            + replica.store().url() + ".",
                    "A backup's id is used once, so somebody has made two of one: find out who, and which one is meant.");
        }
    }

    /** What the replica has let go by its own rule does not come back as long as it remembers. */
    private boolean expiredThere(CommittedBackup backup) {
        return run.inReplica(ObjectName.backup(backup.source(), backup.id())).keySet().stream()
                .anyMatch(Run::isExpiring);
    }

    /**
     * The backup as it counts in the replica, if another replicator has brought it to count since this run began.
     *
     * @throws RepositoryException REPLICA_ABORTED
     */
    private Optional<CommittedBackup> decidedMeanwhile(CommittedBackup backup) {
        String commit = ObjectName.commit(backup.source(), backup.id());
        if (ObjectCopier.inReplica(() -> run.replica().find(commit)).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ObjectCopier.inReplica(
                    () -> replica.backup(backup.source(), backup.id()).backup()));
        } catch (RepositoryException e) {
            throw aborted(backup, commit, e);
        }
    }

    private RepositoryException aborted(CommittedBackup backup, String commit, RepositoryException cause) {
        return new RepositoryException(
                "REPLICA_ABORTED",
                "The backup " + backup.id() + " of " + backup.source() + " was decided against in "
                        + replica.store().url() + ", or the decision cannot be read, so it cannot count there.",
                "An expiry there took its copying for dead, after a long pause. Newer backups are copied; if this one is"
                        + " needed there too, take " + commit + " away from that store by hand and replicate again.",
                cause);
    }

    private boolean isCommitted(CommittedBackup backup) {
        return run.origin()
                .find(ObjectName.commit(backup.source(), backup.id()))
                .isPresent();
    }

    /** Whether it comes when all others are durable. */
    private static boolean last(String key) {
        return is(key, ObjectType.MANIFEST) || is(key, ObjectType.COMMIT);
    }

    private static boolean is(String key, ObjectType type) {
        return ObjectName.of(key) instanceof ObjectName.OfBackup object && object.kind() == type;
    }
}
