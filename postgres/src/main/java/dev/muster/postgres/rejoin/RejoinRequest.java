package dev.muster.postgres.rejoin;

import dev.muster.postgres.restore.InPlaceRecovery;
import dev.muster.postgres.restore.TablespacePlaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * An old primary that is to become a standby of the new one.
 *
 * @param directory of the old primary, stopped and fenced
 * @param work a folder of Muster's on that host, outside of the data directory, the same at each call: the state, the
 *     member's own configuration, the WAL on its way
 * @param source of the cluster's backups and WAL in the repository
 * @param token of the run
 * @param writer names this process in the repository, such as the host
 * @param standby how it connects to the new primary, and its slot there, which must be named
 * @param member for asking it once it runs
 * @param method only this one; empty: the cheapest that is possible
 * @param limit how long it may take from the start of the server until it streams
 * @param lagBytes how far behind it may be then
 * @param names for the salvage
 */
public record RejoinRequest(
        Path directory,
        Path work,
        String source,
        String token,
        String writer,
        InPlaceRecovery.Purpose.Follow standby,
        DataSource member,
        TablespacePlaces tablespaces,
        Optional<RejoinMethod> method,
        Duration limit,
        long lagBytes,
        Optional<NameBase> names) {
    public RejoinRequest {
        directory = directory.toAbsolutePath().normalize();
        work = work.toAbsolutePath().normalize();
        if (work.startsWith(directory)) {
            throw new IllegalArgumentException("The work folder must not lie in the data directory: " + work);
        }
        if (standby.slot().isEmpty()) {
            throw new IllegalArgumentException("A rejoin needs the name of a slot on the new primary.");
        }
    }

    String slot() {
        return standby.slot().orElseThrow();
    }
}
