package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.ContentHash;
import dev.muster.storage.ObjectExistsException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Decides over backups: COMMIT is created once, and whoever comes second learns what was decided. */
final class Decisions {
    private final JsonObjects objects;
    private final Clock clock;

    Decisions(JsonObjects objects, Clock clock) {
        this.objects = objects;
        this.clock = clock;
    }

    /** @throws RepositoryException BACKUP_ABORTED if it was decided against */
    CommittedBackup commit(Commit wanted) {
        String key = Paths.commit(wanted.source(), wanted.backup());
        try {
            return committed(key, objects.create(key, ObjectType.COMMIT, wanted, Commit.class));
        } catch (ObjectExistsException e) {
            Commit found = read(wanted.source(), wanted.backup());
            // A lost answer to our own creation looks the same as somebody else's decision, but for the manifest.
            if (found.state() == Commit.State.COMMITTED && Objects.equals(found.manifest(), wanted.manifest())) {
                return committed(key, found);
            }
            throw aborted(found, e);
        }
    }

    /** @return the decision that stands: aborted, or committed if that was first */
    Commit.State abort(String source, String id) {
        Commit wanted = new Commit(
                Commit.FORMAT,
                Commit.VERSION,
                Commit.State.ABORTED,
                source,
                id,
                clock.instant().toString(),
                null,
                null,
                null,
                null);
        try {
            objects.create(Paths.commit(source, id), ObjectType.COMMIT, wanted, Commit.class);
            return Commit.State.ABORTED;
        } catch (ObjectExistsException e) {
            return read(source, id).state();
        }
    }

    Commit read(String source, String id) {
        String key = Paths.commit(source, id);
        Commit commit = objects.read(key, ObjectType.COMMIT, Commit.class);
        if (!commit.source().equals(source) || !commit.backup().equals(id)) {
            throw Damage.of(key, "it is the decision over another backup");
        }
        return commit;
    }

    Optional<CommittedBackup> committed(String source, String id) {
        Commit commit = read(source, id);
        return commit.state() == Commit.State.COMMITTED
                ? Optional.of(committed(Paths.commit(source, id), commit))
                : Optional.empty();
    }

    private static CommittedBackup committed(String key, Commit commit) {
        try {
            Commit.Manifest manifest = Objects.requireNonNull(commit.manifest());
            return new CommittedBackup(
                    commit.source(),
                    commit.backup(),
                    BackupKind.of(Objects.requireNonNull(commit.kind())),
                    Optional.ofNullable(commit.parent()),
                    Instant.parse(commit.time()),
                    ContentHash.parse(manifest.sha256()),
                    manifest.size(),
                    Objects.requireNonNull(commit.summary()));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Damage.of(key, "a field of it cannot be: " + e.getMessage(), e);
        }
    }

    private static RepositoryException aborted(Commit found, ObjectExistsException cause) {
        return new RepositoryException(
                "BACKUP_ABORTED",
                "The backup " + found.backup() + " of " + found.source() + " was decided against at " + found.time()
                        + " while it was being written.",
                "Its lease was too old for expiry: was this process suspended, or is a clock wrong? Make the backup"
                        + " again.",
                cause);
    }
}
