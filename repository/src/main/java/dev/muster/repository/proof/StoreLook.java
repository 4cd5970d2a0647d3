package dev.muster.repository.proof;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.retention.KeepMark;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.repository.verification.BackupResult;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.LevelResult;
import dev.muster.repository.verification.Verifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one store says of a source's backups, without any other memory than the state of the looks at every byte. */
public final class StoreLook {
    private final Repository repository;
    private final String source;
    private final int most;

    /** @param most how many backups are looked at, the newest */
    public StoreLook(Repository repository, String source, int most) {
        this.repository = repository;
        this.source = source;
        this.most = most;
    }

    /**
     * @param copies newest first
     * @param unreadable why of some backups nothing can be told
     * @param more whether there are older ones that were not looked at
     */
    public record Found(List<StoredCopy> copies, List<String> unreadable, boolean more) {
        public Found {
            copies = List.copyOf(copies);
            unreadable = List.copyOf(unreadable);
        }

        /** Whether a backup that is not among the copies is not in the store. */
        public boolean whole() {
            return unreadable.isEmpty() && !more;
        }
    }

    /** How deep it goes: following each backup's file maps, and asking the state of the looks at every byte. */
    public record Depth(Verifier verifier, Path state, int threads) {}

    /**
     * @param depth null for no more than COMMITs and marks
     * @param each is told of every backup before it is looked at, and may stop the look by an exception
     * @throws dev.muster.storage.StoreException if the store does not answer: then nothing is known
     */
    public Found look(@Nullable Depth depth, Consumer<String> each) {
        List<String> unreadable = new ArrayList<>();
        List<CommittedBackup> backups = new ArrayList<>(
                repository.backups(source, problem -> unreadable.add(problem.code() + ": " + problem.getMessage())));
        backups.sort(Comparator.comparing(CommittedBackup::id).reversed());
        boolean more = backups.size() > most;
        Map<String, List<StoredCopy.Mark>> marks = marks();
        List<StoredCopy> copies = new ArrayList<>();
        try (ContentProof content = depth == null ? null : content(depth)) {
            for (CommittedBackup backup : more ? backups.subList(0, most) : backups) {
                each.accept(backup.id());
                List<StoredCopy.Mark> kept = marks.getOrDefault(backup.id(), List.of());
                if (depth == null || content == null) {
                    copies.add(new StoredCopy(backup, kept, Optional.empty(), Optional.empty()));
                } else {
                    LevelResult listing = depth.verifier().verifyBackup(Level.LISTING, backup);
                    if (listing.backups() > 0) {
                        Optional<BackupResult> result = listing.each().stream().findFirst();
                        copies.add(new StoredCopy(
                                backup,
                                kept,
                                result,
                                result.filter(BackupResult::sound).map(sound -> content.of(backup))));
                    }
                }
            }
        }
        return new Found(copies, unreadable, more);
    }

    private ContentProof content(Depth depth) {
        return ContentProof.of(repository, source, depth.state(), List.of(), depth.threads());
    }

    private Map<String, List<StoredCopy.Mark>> marks() {
        String prefix = Paths.backups(source);
        List<String> keys = new ArrayList<>();
        repository.store().list(prefix, object -> {
            if (object.key().startsWith("/" + Paths.KEEP, object.key().lastIndexOf('/'))) {
                keys.add(object.key());
            }
        });
        KeepMarks keeps = new KeepMarks(repository, source);
        Map<String, List<StoredCopy.Mark>> found = new HashMap<>();
        for (String key : keys) {
            String backup = key.substring(prefix.length(), key.indexOf('/', prefix.length()));
            mark(keeps, backup, key)
                    .ifPresent(mark -> found.computeIfAbsent(backup, id -> new ArrayList<>())
                            .add(mark));
        }
        return found;
    }

    private static Optional<StoredCopy.Mark> mark(KeepMarks keeps, String backup, String key) {
        try {
            return keeps.read(backup, key).map(StoreLook::mark);
        } catch (RepositoryException damaged) {
            // Expiry keeps what such a mark is on, so it is shown.
            return Optional.of(new StoredCopy.Mark(
                    key.substring(key.lastIndexOf('-') + 1),
                    "",
                    damaged.code() + ": " + damaged.getMessage(),
                    Optional.empty(),
                    Optional.empty()));
        }
    }

    private static StoredCopy.Mark mark(KeepMark mark) {
        return new StoredCopy.Mark(
                mark.mark(), mark.by(), mark.why(), Optional.of(mark.time()), Optional.ofNullable(mark.until()));
    }
}
