package dev.muster.repository.replication;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a replication goes about.
 *
 * @param writer names this process in the leases that it leaves in the replica, [a-z0-9][a-z0-9.-]{0,62}
 * @param threads copy at once, each holding up to 5 MiB
 * @param oldest backups begun before it, and WAL that only they need, are not copied: where the replica keeps things for a
 *     shorter time, else what it has let go would come back each time
 * @param everyMap follows the maps of backups that the replica has already, too, and so finds packs of others that it lacks
 * @param isNew a replica that is empty is meant to be, also where the origin knows that it held something
 */
public record ReplicationOptions(
        String writer, int threads, Optional<Instant> oldest, boolean everyMap, boolean isNew) {
    private static final int DEFAULT_THREADS = 4;
    private static final Pattern WRITER = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");

    public ReplicationOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("Not a number of threads: " + threads);
        }
        if (!WRITER.matcher(writer).matches()) {
            throw new IllegalArgumentException("Not a writer's name: " + writer);
        }
    }

    public ReplicationOptions(String writer) {
        this(writer, DEFAULT_THREADS, Optional.empty(), false, false);
    }

    public ReplicationOptions withThreads(int number) {
        return new ReplicationOptions(writer, number, oldest, everyMap, isNew);
    }

    public ReplicationOptions withOldest(Instant time) {
        return new ReplicationOptions(writer, threads, Optional.of(time), everyMap, isNew);
    }

    public ReplicationOptions withEveryMap() {
        return new ReplicationOptions(writer, threads, oldest, true, isNew);
    }

    public ReplicationOptions withNew() {
        return new ReplicationOptions(writer, threads, oldest, everyMap, true);
    }
}
