package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a replica is behind with one source. What the origin has no longer does not count.
 *
 * @param originBackup the newest committed one in the origin
 * @param replicaBackup the newest in the replica that it claims to have
 * @param missingBackups how many of the origin's committed ones, or whose COMMIT cannot be read there, do not count in
 *     the replica
 * @param originWal how far the origin's WAL goes
 * @param replicaWal how far the replica's goes
 * @param missingObjects of committed backups, of what expired ones have left, and of WAL; those that have another size in the
 *     replica too
 * @param missingBytes of these, as stored
 * @param missingSince when the oldest of these was stored in the origin, by that store's clock
 */
public record SourceLag(
        String source,
        Optional<String> originBackup,
        Optional<String> replicaBackup,
        long missingBackups,
        Optional<WalPosition> originWal,
        Optional<WalPosition> replicaWal,
        long missingObjects,
        long missingBytes,
        Optional<Instant> missingSince) {
    public boolean current() {
        return missingObjects == 0;
    }

    /** How long the replica has been behind. */
    public Duration age(Instant now) {
        return missingSince
                .map(since -> Duration.between(since, now))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    ObjectNode toJson(Instant now) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("source", source).put("current", current());
        originBackup.ifPresent(backup -> json.put("originBackup", backup));
        replicaBackup.ifPresent(backup -> json.put("replicaBackup", backup));
        json.put("missingBackups", missingBackups);
        originWal.ifPresent(wal -> json.put("originWal", wal.toString()));
        replicaWal.ifPresent(wal -> json.put("replicaWal", wal.toString()));
        json.put("missingObjects", missingObjects).put("missingBytes", missingBytes);
        return json.put("behindSeconds", age(now).toSeconds());
    }
}
