package dev.muster.repository.verification;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectMissingException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Looks at a repository in one store, as deep as asked. Changes nothing there. */
public final class Verifier {
    private static final int MAX_SLOT = 64 << 10;

    private final Repository repository;
    private final Clock clock;
    private final int threads;

    /** @param threads 1 or more; one reads whole objects, piece by piece */
    public Verifier(Repository repository, Clock clock, int threads) {
        this.repository = repository;
        this.clock = clock;
        this.threads = threads;
    }

    /** All sources of the repository; lists all of it. */
    public Collection<String> sources() {
        return Listings.sources(repository.store());
    }

    /**
     * {@link Level#LISTING} or {@link Level#INDEXES} of some sources' backups and WAL, of leases and key slots.
     *
     * @throws dev.muster.storage.StoreException if the store is away, or cannot be listed: then nothing is known
     */
    public VerificationReport verify(Level level, Collection<String> sources) {
        Instant started = clock.instant();
        return report(started, List.of(look(level, sources)));
    }

    /** {@link Level#CONTENT} of what was not looked at for longest, as far as the budget goes. */
    public VerificationReport verifyContent(VerifiedObjects state, Budget budget) {
        Instant started = clock.instant();
        return report(started, List.of(new ContentLook(repository, state, clock).look(budget, threads)));
    }

    /** All levels that can be had without restoring: indexes of everything, then content within the budget. */
    public VerificationReport verifyAll(Collection<String> sources, VerifiedObjects state, Budget budget) {
        Instant started = clock.instant();
        LevelResult indexes = look(Level.INDEXES, sources);
        return report(started, List.of(indexes, new ContentLook(repository, state, clock).look(budget, threads)));
    }

    /**
     * Whether one backup has all that it needs, by {@link Level#LISTING} or {@link Level#INDEXES}. One that has ended
     * since it was listed is not counted in the result.
     */
    public LevelResult verifyBackup(Level level, CommittedBackup backup) {
        Tally tally = new Tally(requireNames(level), repository.store());
        BackupLook look = new BackupLook(repository, backup.source(), level, tally);
        try (Crew crew = new Crew(threads)) {
            look.look(backup, crew);
        }
        return tally.result(true, Optional.empty());
    }

    private LevelResult look(Level level, Collection<String> sources) {
        Tally tally = new Tally(requireNames(level), repository.store());
        try (Crew crew = new Crew(threads)) {
            slots(tally);
            tally.check("lease/", repository::leases);
            for (String source : sources) {
                BackupLook look = new BackupLook(repository, source, level, tally);
                for (CommittedBackup backup : backups(source, tally)) {
                    look.look(backup, crew);
                }
                new WalLook(repository, level, tally, crew).look(source);
            }
            crew.finish();
        }
        repository
                .hidden()
                .forEach(object -> tally.problem(Problem.of(
                        object.key(), object.problem(repository.store().url()))));
        return tally.result(true, Optional.empty());
    }

    private List<CommittedBackup> backups(String source, Tally tally) {
        return repository.backups(
                source, failure -> tally.trouble(Problem.of(ObjectName.backups(source), failure), failure));
    }

    private void slots(Tally tally) {
        List<ObjectName.KeySlot> slots = new ArrayList<>();
        repository.store().list("keys/", object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.KeySlot slot) {
                slots.add(slot);
            }
        });
        slots.forEach(slot -> tally.check(slot.key(), () -> checkSlot(slot)));
    }

    private void checkSlot(ObjectName.KeySlot slot) {
        try (InputStream stream = repository.store().open(slot.key())) {
            byte[] bytes = stream.readNBytes(MAX_SLOT);
            if (!Sha256.hash(bytes).toString().startsWith(slot.hash())) {
                throw Damage.of(slot.key(), "its bytes do not have the SHA-256 that its name ends with");
            }
        } catch (ObjectMissingException e) {
            return; // Taken away since it was listed.
        } catch (IOException e) {
            throw new RepositoryException(
                    "KEY_SLOT_UNREADABLE",
                    "The key slot " + slot.key() + " cannot be read: " + e.getMessage(),
                    "Check the store and the way to it.",
                    e);
        }
    }

    private VerificationReport report(Instant started, List<LevelResult> levels) {
        return new VerificationReport(
                repository.id(), repository.store().url(), started, clock.instant(), levels, Optional.empty());
    }

    private static Level requireNames(Level level) {
        if (level != Level.LISTING && level != Level.INDEXES) {
            throw new IllegalArgumentException("Not a level that is looked at by names: " + level);
        }
        return level;
    }
}
