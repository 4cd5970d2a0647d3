package dev.muster.activities.stores;

import dev.muster.activities.Heartbeats;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.proof.ContentProof;
import dev.muster.repository.verification.Budget;
import dev.muster.repository.verification.Coverage;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.LevelResult;
import dev.muster.repository.verification.VerifiedObjects;
import dev.muster.repository.verification.VerifiedObjectsFile;
import dev.muster.repository.verification.Verifier;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.plan.Verifying;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import dev.muster.workflows.stores.BackupFinding;
import dev.muster.workflows.stores.VerifiedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at one repository, level by level. */
public final class StoreVerification {
    private static final Logger log = LoggerFactory.getLogger(StoreVerification.class);
    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private final Repository repository;
    private final ProtectedDatabase database;
    private final Path verified;
    private final Clock clock;

    StoreVerification(Repository repository, ProtectedDatabase database, Path verified, Clock clock) {
        this.repository = repository;
        this.database = database;
        this.verified = verified;
        this.clock = clock;
    }

    VerifiedStore run(Verifying wanted, Heartbeats heartbeats) throws IOException {
        long begun = System.nanoTime();
        Instant began = clock.instant();
        try (Repository watched =
                repository.in(new WatchedStore(Stores.open(database.repository().store()), heartbeats))) {
            return verified(levels(new Verifier(watched, clock, THREADS), wanted, heartbeats), began, begun);
        }
    }

    private List<VerifiedStore.Level> levels(Verifier verifier, Verifying wanted, Heartbeats heartbeats)
            throws IOException {
        List<VerifiedStore.Level> levels = new ArrayList<>();
        for (Runbook.Verify.Level level : wanted.levels()) {
            heartbeats.check();
            heartbeats.progress("verifying " + level.id());
            List<LevelResult> found = switch (level) {
                case LISTING ->
                    verifier.verify(Level.LISTING, List.of(database.source())).levels();
                case INDEXES ->
                    verifier.verify(Level.INDEXES, List.of(database.source())).levels();
                case CONTENT -> content(verifier, wanted, heartbeats);
            };
            found.forEach(one -> levels.add(level(one, each(one, heartbeats))));
        }
        return levels;
    }

    private VerifiedStore verified(List<VerifiedStore.Level> levels, Instant began, long begun) {
        return new VerifiedStore(
                database.repository().name(),
                repository.store().url(),
                levels,
                Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0,
                began);
    }

    private @Nullable List<BackupFinding> each(LevelResult found, Heartbeats heartbeats) {
        if (found.level() != Level.CONTENT) {
            return BackupFindings.of(found.each());
        }
        heartbeats.progress("following what backups are restored from");
        try (ContentProof proof =
                ContentProof.of(repository, database.source(), file(verified, database), found.problems(), THREADS)) {
            return BackupFindings.of(proof, repository, database.source(), heartbeats::check);
        } catch (RepositoryException | StoreException e) {
            // What was read is kept; that it is not known for which backups is no reason to read it again.
            log.warn("What was read of each backup of {} is not known now", database.source(), e);
            return null;
        }
    }

    /** What was found sound when in the database's repository. */
    public static Path file(Path folder, ProtectedDatabase database) {
        return folder.resolve(
                database.system().name() + "." + database.repository().name());
    }

    private List<LevelResult> content(Verifier verifier, Verifying wanted, Heartbeats heartbeats) throws IOException {
        Files.createDirectories(verified);
        Path file = file(verified, database);
        Long bytes = wanted.bytes();
        Long seconds = wanted.seconds();
        Budget budget = new Budget(
                bytes == null ? Budget.UNLIMITED.bytes() : bytes,
                seconds == null ? Budget.UNLIMITED.time() : Duration.ofSeconds(seconds));
        try (VerifiedObjects state = new WatchedObjects(VerifiedObjectsFile.open(file, repository), heartbeats)) {
            return verifier.verifyContent(state, budget).levels();
        }
    }

    private static VerifiedStore.Level level(LevelResult result, @Nullable List<BackupFinding> each) {
        return new VerifiedStore.Level(
                result.level().label(),
                result.complete(),
                result.backups(),
                result.files(),
                result.objects(),
                result.bytes(),
                result.problemCount(),
                StoreProblems.of(result.problems()),
                result.coverage().map(StoreVerification::coverage).orElse(null),
                each);
    }

    private static VerifiedStore.Coverage coverage(Coverage coverage) {
        return new VerifiedStore.Coverage(
                coverage.objects(), coverage.never(), coverage.oldest().orElse(null));
    }
}
