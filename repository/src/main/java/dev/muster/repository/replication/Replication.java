package dev.muster.repository.replication;

import dev.muster.repository.Repository;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.locks.LockedStore;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.Problems;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Copies a repository's backups and WAL from one store to another, byte for byte as they are stored. Objects that are there
 * are not copied again, so that a run that ended anywhere is continued by the next. Nothing is deleted or overwritten.
 */
public final class Replication {
    private final ObjectStore origin;
    private final Optional<Repository> opened;
    private final ObjectStore replica;
    private final ReplicationOptions options;
    private final Clock clock;

    private Replication(
            ObjectStore origin,
            Optional<Repository> opened,
            ObjectStore replica,
            ReplicationOptions options,
            Clock clock) {
        this.origin = LockedStore.of(origin, clock);
        this.opened = opened;
        this.replica = LockedStore.of(replica, clock);
        this.options = options;
        this.clock = clock;
    }

    /** With the key: each object's tags are checked on the way, and only what committed backups need is copied. */
    public static Replication of(Repository origin, ObjectStore replica, ReplicationOptions options, Clock clock) {
        return new Replication(origin.store(), Optional.of(origin), replica, options, clock);
    }

    /**
     * Without the key, for a host that must not have it: damage in the origin is copied as it is, with all packs that are
     * there, and no expiry may run on the replica meanwhile.
     *
     * @throws IllegalArgumentException if the options limit what is copied
     */
    public static Replication withoutKey(
            ObjectStore origin, ObjectStore replica, ReplicationOptions options, Clock clock) {
        if (options.oldest().isPresent() || options.everyMap()) {
            throw new IllegalArgumentException("Without the key nobody knows what a backup needs");
        }
        return new Replication(origin, Optional.empty(), replica, options, clock);
    }

    /** Of all sources. */
    public ReplicationReport run(ReplicationProgress progress) {
        return run(Listings.sources(origin), progress);
    }

    /**
     * One pass.
     *
     * @return also if the replica's store failed on the way: then it is not complete
     * @throws dev.muster.repository.RepositoryException NOT_A_REPOSITORY, REPLICA_IS_ORIGIN, REPLICA_EMPTY,
     *     REPLICA_NOT_EMPTY, REPLICA_OTHER_REPOSITORY
     * @throws dev.muster.storage.StoreException if the origin is away, or cannot be listed
     */
    public ReplicationReport run(Collection<String> sources, ReplicationProgress progress) {
        Instant started = clock.instant();
        Problems problems = new Problems();
        List<ReplicatedBackup> backups = new ArrayList<>();
        Transfer transfer = opened.map(Transfer::checked).orElseGet(() -> Transfer.plain(origin));
        ObjectCopier copier = new ObjectCopier(origin, replica, transfer, progress, problems);
        boolean complete = false;
        try (Crew crew = new Crew(options.threads())) {
            RepositoryHead head = new RepositoryHead(origin, replica, options.isNew(), problems, progress);
            head.copy();
            Run run = new Run(origin, replica, copier, crew, problems, backups);
            if (opened.isPresent()) {
                Repository open = opened.get();
                try (Repository there = ObjectCopier.inReplica(() -> open.in(replica))) {
                    BackupCopies copies = new BackupCopies(open, there, options, clock, run);
                    sources.forEach(copies::copy);
                }
            } else {
                BlindCopies copies = new BlindCopies(run, head);
                sources.forEach(copies::copy);
            }
            complete = true;
        } catch (ReplicaFailedException e) {
            problems.addLast(Problem.of(replica.url(), e.trouble()));
        }
        return new ReplicationReport(
                origin.url(),
                replica.url(),
                started,
                clock.instant(),
                opened.isPresent(),
                complete,
                copier.objects(),
                copier.bytes(),
                backups,
                problems.count(),
                problems.kept());
    }
}
