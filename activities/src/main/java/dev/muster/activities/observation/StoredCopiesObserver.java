package dev.muster.activities.observation;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.activities.place.RequestFiles;
import dev.muster.activities.stores.BackupFindings;
import dev.muster.activities.stores.StoreVerification;
import dev.muster.repository.Repository;
import dev.muster.repository.proof.ContentResult;
import dev.muster.repository.proof.StoreLook;
import dev.muster.repository.proof.StoredCopy;
import dev.muster.repository.verification.Verifier;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.CopiesObserver;
import dev.muster.workflows.recording.CopiesQuestion;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads which backups one repository holds, and what it proves of them. */
public final class StoredCopiesObserver implements CopiesObserver {
    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());
    private static final int MOST_TOLD = 5;
    private static final int LONGEST_WORDS = 300;

    private final ProtectedDatabases databases;
    private final Repositories repositories;
    private final Path verified;
    private final Clock clock;

    /** @param verified the folder that keeps what was found sound when */
    public StoredCopiesObserver(ProtectedDatabases databases, Repositories repositories, Path verified, Clock clock) {
        this.databases = databases;
        this.repositories = repositories;
        this.verified = verified;
        this.clock = clock;
    }

    @Override
    public CopiesObservation observeCopies(CopiesQuestion question) {
        return ActivityWork.run(heartbeats -> {
            ProtectedDatabase database =
                    databases.of(RequestFiles.read(question.request()).resolved());
            return look(question, database, repositories.of(database), heartbeats);
        });
    }

    private CopiesObservation look(
            CopiesQuestion question, ProtectedDatabase database, Repository repository, Heartbeats heartbeats) {
        Instant began = clock.instant();
        StoreLook.Depth depth = question.thorough()
                ? new StoreLook.Depth(
                        new Verifier(repository, clock, THREADS), StoreVerification.file(verified, database), THREADS)
                : null;
        StoreLook.Found found = new StoreLook(repository, database.source(), CopiesObservation.MOST)
                .look(depth, backup -> {
                    heartbeats.check();
                    heartbeats.progress("looking at the backup " + backup);
                });
        return new CopiesObservation(
                CopiesObservation.SCHEMA,
                database.system().name(),
                database.description().name(),
                database.repository().name(),
                repository.store().url(),
                began,
                found.whole(),
                found.copies().stream().map(StoredCopiesObserver::copy).toList(),
                found.unreadable().stream()
                        .limit(MOST_TOLD)
                        .map(StoredCopiesObserver::shortened)
                        .toList());
    }

    private static CopiesObservation.Copy copy(StoredCopy copy) {
        return new CopiesObservation.Copy(
                StoredStateObserver.observed(copy.backup()),
                copy.backup().committed(),
                copy.marks().stream()
                        .limit(CopiesObservation.Copy.MOST_MARKS)
                        .map(mark -> new CopiesObservation.Mark(
                                mark.id(),
                                shortened(mark.by()),
                                shortened(mark.why()),
                                time(mark.made().orElse(null)),
                                time(mark.until().orElse(null))))
                        .toList(),
                copy.listing().map(BackupFindings::of).orElse(null),
                copy.content().flatMap(ContentResult::since).orElse(null));
    }

    private static @Nullable Instant time(@Nullable String written) {
        return written == null ? null : Instant.parse(written);
    }

    private static String shortened(String words) {
        return words.length() <= LONGEST_WORDS ? words : words.substring(0, LONGEST_WORDS) + "…";
    }
}
