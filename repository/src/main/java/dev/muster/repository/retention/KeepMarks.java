package dev.muster.repository.retention;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.Decision;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Marks that keep single backups. A mark that was made holds: expiry on another machine sees it, or it is refused. */
public final class KeepMarks {
    private final Repository repository;
    private final String source;

    public KeepMarks(Repository repository, String source) {
        this.repository = repository;
        this.source = Paths.source(source);
    }

    /**
     * Keeps a committed backup.
     *
     * @param by who, up to 1,000 characters
     * @param why up to 1,000 characters
     * @param until when the mark ends; empty for until it is taken away
     * @throws RepositoryException BACKUP_UNKNOWN, BACKUP_EXPIRING, MARK_INVALID
     */
    public KeepMark keep(String backup, String by, String why, Optional<Instant> until) {
        Instant now = repository.clock().instant();
        boolean told = !by.isBlank() && !why.isBlank();
        if (!told || by.length() > KeepMark.MAX_TEXT || why.length() > KeepMark.MAX_TEXT) {
            throw invalid("who and why are needed, of at most " + KeepMark.MAX_TEXT + " characters each");
        }
        if (until.isPresent() && !until.get().isAfter(now)) {
            throw invalid("it would have ended at " + until.get());
        }
        requireCommitted(backup);
        KeepMark mark = new KeepMark(
                KeepMark.FORMAT,
                KeepMark.VERSION,
                source,
                backup,
                UlidCreator.getUlid(now.toEpochMilli()).toString(),
                by,
                why,
                now.toString(),
                until.map(Instant::toString).orElse(null));
        String key = Paths.keep(source, backup, mark.mark());
        repository.documents().create(key, ObjectType.KEEP, mark, KeepMark.class);
        try {
            // Expiry puts its own mark there before it looks for ours, so one of both sees the other.
            requireNotExpiring(backup);
            requireCommitted(backup);
            return mark;
        } catch (RepositoryException refused) {
            takeBack(key, refused);
            throw refused;
        }
    }

    private void takeBack(String key, RepositoryException refused) {
        try {
            repository.store().delete(key);
        } catch (StoreException harmless) {
            // Expiry removes it with its backup, or finds it and keeps the backup.
            refused.addSuppressed(harmless);
        }
    }

    /**
     * Takes one mark of a backup away; success if it is not there.
     *
     * @param mark its id
     */
    public void unkeep(String backup, String mark) {
        repository.store().delete(Paths.keep(source, backup, mark));
    }

    /**
     * Takes all marks of a backup away, also those that cannot be read.
     *
     * @return how many there were
     */
    public int unkeep(String backup) {
        List<String> keys = keys(backup, Paths.KEEP);
        keys.forEach(repository.store()::delete);
        return keys.size();
    }

    /**
     * The marks of a backup, oldest first, also those that have ended.
     *
     * @throws RepositoryException OBJECT_DAMAGED if one cannot be read: nobody knows what it keeps
     */
    public List<KeepMark> of(String backup) {
        List<KeepMark> marks = new ArrayList<>();
        keys(backup, Paths.KEEP).forEach(key -> read(backup, key).ifPresent(marks::add));
        return List.copyOf(marks);
    }

    /** @return empty if it was taken away meanwhile */
    public Optional<KeepMark> read(String backup, String key) {
        try {
            KeepMark mark = repository.documents().read(key, ObjectType.KEEP, KeepMark.class);
            if (!mark.source().equals(source)
                    || !mark.backup().equals(backup)
                    || !key.endsWith("/" + Paths.KEEP + mark.mark())) {
                throw Damage.of(key, "it is the mark of another backup");
            }
            return Optional.of(mark);
        } catch (ObjectMissingException gone) {
            return Optional.empty();
        }
    }

    private void requireNotExpiring(String backup) {
        if (!keys(backup, Paths.EXPIRE).isEmpty()) {
            throw new RepositoryException(
                    "BACKUP_EXPIRING",
                    "The backup " + backup + " of " + source + " is being expired; it cannot be kept any more.",
                    "Choose another one. If that expiry was killed, run expire again: it finishes what it began, or lets the"
                            + " backup stay if rules keep it; a mark can be made two days later then.");
        }
    }

    private void requireCommitted(String backup) {
        if (repository
                .decision(source, backup)
                .filter(Decision.Committed.class::isInstance)
                .isEmpty()) {
            throw new RepositoryException(
                    "BACKUP_UNKNOWN",
                    "There is no committed backup " + backup + " of " + source + " in "
                            + repository.store().url() + ".",
                    "It may still be running, or have expired. List the backups of " + source + ".");
        }
    }

    private List<String> keys(String backup, String prefix) {
        List<String> keys = new ArrayList<>();
        repository.store().list(Paths.backup(source, backup) + prefix, object -> keys.add(object.key()));
        return keys;
    }

    private static RepositoryException invalid(String why) {
        return new RepositoryException(
                "MARK_INVALID",
                "The backup cannot be marked so: " + why + ".",
                "Nothing was changed. Mend what is named.");
    }
}
