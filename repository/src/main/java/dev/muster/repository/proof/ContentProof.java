package dev.muster.repository.proof;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.replication.NeededObjects;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.VerifiedObjectsFile;
import dev.muster.repository.work.Crew;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which backups of a source are sound to the last byte, put together from the looks at their objects, which the budget
 * spreads over weeks. Reads manifests and file maps. Holds some 200 bytes for each pack of the source.
 */
public final class ContentProof implements AutoCloseable {
    private final Repository repository;
    private final String source;
    private final Map<String, Instant> sound;
    private final Map<String, Problem> unsound = new HashMap<>();
    private final Crew crew;

    private ContentProof(
            Repository repository, String source, Map<String, Instant> sound, Collection<Problem> found, int threads) {
        this.repository = repository;
        this.source = source;
        this.sound = sound;
        found.stream()
                .filter(problem -> !problem.isOfTheStore())
                .forEach(problem -> unsound.putIfAbsent(problem.object(), problem));
        this.crew = new Crew(threads);
    }

    /**
     * @param state the file of {@link VerifiedObjectsFile}; may be missing, and be written meanwhile
     * @param found what the last look found, if it was just made
     */
    public static ContentProof of(
            Repository repository, String source, Path state, Collection<Problem> found, int threads) {
        String prefix = ObjectName.backups(source);
        Map<String, VerifiedObjectsFile.Verified> known = VerifiedObjectsFile.snapshot(state, repository, prefix);
        Map<String, Instant> sound = new HashMap<>();
        if (!known.isEmpty()) {
            repository.store().list(prefix, object -> {
                VerifiedObjectsFile.Verified verified = known.get(object.key());
                // Another size or time of storing: somebody has put it there since.
                if (verified != null && verified.object().equals(object)) {
                    sound.put(object.key(), verified.time());
                }
            });
        }
        return new ContentProof(repository, source, sound, found, threads);
    }

    /** @throws dev.muster.storage.StoreException if the store does not answer: then nothing is known */
    public ContentResult of(CommittedBackup backup) {
        if (sound.isEmpty() && unsound.isEmpty()) {
            return unknown(backup);
        }
        String manifest = ObjectName.manifest(source, backup.id());
        Set<String> needed = new HashSet<>(List.of(manifest, ObjectName.commit(source, backup.id())));
        try {
            needed.addAll(new NeededObjects(repository, crew).of(backup));
        } catch (RepositoryException e) {
            Problem problem = Problem.of(manifest, e);
            return problem.isOfTheStore()
                    ? unknown(backup)
                    : new ContentResult(backup.id(), 1, Optional.of(problem), Optional.empty());
        }
        List<Problem> problems = needed.stream()
                .filter(unsound::containsKey)
                .sorted()
                .map(unsound::get)
                .toList();
        if (!problems.isEmpty()) {
            return new ContentResult(backup.id(), problems.size(), Optional.of(problems.get(0)), Optional.empty());
        }
        Optional<Instant> since = sound.keySet().containsAll(needed)
                ? needed.stream().map(sound::get).min(Instant::compareTo)
                : Optional.empty();
        return new ContentResult(backup.id(), 0, Optional.empty(), since);
    }

    private static ContentResult unknown(CommittedBackup backup) {
        return new ContentResult(backup.id(), 0, Optional.empty(), Optional.empty());
    }

    @Override
    public void close() {
        crew.close();
    }
}
