package dev.muster.activities.recovery;

import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.Repositories;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import dev.muster.repository.reading.Reading;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.plan.Plan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;

/** One run's copy: what the plan says of it, and the parts to work on it with. */
final class CopyOnHost {
    private static final String LOOPBACK = "127.0.0.1";

    private final Plan plan;
    private final String owner;
    private final ProtectedDatabase database;
    private final HostPlace place;
    private final Repository repository;
    private final Path folder;
    private final Plan.ResolvedTarget target;
    private final RepositoryObservation.Backup backup;

    CopyOnHost(Plan plan, String planHash, ProtectedDatabase database, HostPlace place, Repositories repositories) {
        this.plan = plan;
        // Ids of runs are no secret: another plan may name this one's run, but not its hash.
        this.owner = plan.runId() + "-" + planHash;
        this.database = database;
        this.place = place;
        this.repository = repositories.of(database);
        this.target = Objects.requireNonNull(plan.target(), "a plan of a copy has a target");
        this.backup = Objects.requireNonNull(plan.backup(), "a plan of a copy has a backup");
        this.folder = Path.of(Objects.requireNonNull(plan.copy(), "a plan of a copy has its place")
                        .directory())
                .toAbsolutePath()
                .normalize();
        if (!folder.startsWith(place.copies()) || folder.equals(place.copies())) {
            throw new AuthorityRefusedException(
                    "COPY_PLACE_REFUSED",
                    "The plan's copy would go to " + folder + "; this host allows copies only below " + place.copies()
                            + ".",
                    "Leave the copy's directory out of the runbook, or name one below that folder.");
        }
    }

    /** Whose copy it is, as its marker says. */
    String owner() {
        return owner;
    }

    /** Before anything is done in the folder: a plan can name any folder below the host's one for copies. */
    void refuseIfOfOtherRun() {
        RecoveryServer.owner(folder).filter(found -> !found.equals(owner)).ifPresent(found -> {
            throw new AuthorityRefusedException(
                    "COPY_OF_OTHER_RUN",
                    "The copy in " + folder + " was made by another run or plan (" + found + ").",
                    "Leave the copy's directory out of the runbook, or name one of its own.");
        });
    }

    Repository repository() {
        return repository;
    }

    ProtectedDatabase database() {
        return database;
    }

    Plan plan() {
        return plan;
    }

    Path folder() {
        return folder;
    }

    String backupId() {
        return backup.id();
    }

    BackupSummary summary() {
        return BackupSummary.of(
                repository.backup(database.source(), backup.id()).backup().summary());
    }

    /** The run's restore, over all of its steps: no expiry takes away what it reads. */
    Reading reading() {
        return Reading.begin(repository, database.source(), backup.id(), owner);
    }

    /** Of a run that removes its copy before it has replayed it. */
    void endReading() {
        Reading.end(repository, database.source(), backup.id(), owner);
    }

    WalArchive wal(BackupSummary summary) {
        return new WalArchive(repository, database.source(), summary.systemId(), summary.segmentSize());
    }

    RecoveryServer server(WalArchive wal) {
        return new RecoveryServer(Installation.at(place.programs()), folder, wal);
    }

    /** As PostgreSQL is told. */
    RecoveryTarget recoveryTarget() {
        RecoveryPoint point = target.point();
        if (point instanceof RecoveryPoint.Time time) {
            return new RecoveryTarget.Time(time.time(), time.inclusive());
        } else if (point instanceof RecoveryPoint.Position position) {
            return new RecoveryTarget.Position(new Lsn(position.lsn().value()), position.inclusive());
        } else if (point instanceof RecoveryPoint.Transaction transaction) {
            return new RecoveryTarget.Transaction(transaction.xid(), transaction.inclusive());
        } else if (point instanceof RecoveryPoint.Named named) {
            return new RecoveryTarget.Named(named.name());
        } else {
            return new RecoveryTarget.Latest();
        }
    }

    Plan.ResolvedTarget target() {
        return target;
    }

    /** The plan's port, or a free one of those that the host allows. */
    int freePort() {
        Integer planned = Objects.requireNonNull(plan.copy()).port();
        if (planned != null) {
            return planned;
        }
        for (int port = place.firstPort(); port <= place.lastPort(); port++) {
            if (isFree(port)) {
                return port;
            }
        }
        throw new PostgresException(
                "NO_FREE_PORT",
                "None of the ports " + place.firstPort() + " to " + place.lastPort() + " is free for a copy",
                "Which copies still run below " + place.copies() + "? Remove them, or allow the host more ports.");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /** A session on the running copy as the system's own user, in the system's own database. */
    Connection connect(RecoveryServer server) throws SQLException {
        return database.connect(
                LOOPBACK, server.port(), database.description().connection().database());
    }
}
