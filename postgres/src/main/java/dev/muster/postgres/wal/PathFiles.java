package dev.muster.postgres.wal;

import dev.muster.postgres.PostgresException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An archive's files for recovery along one timeline and its past. Thread-safe. */
final class PathFiles implements WalSource {
    private final WalArchive archive;
    private final int timeline;
    private volatile Optional<TimelineHistory> known = Optional.empty();

    PathFiles(WalArchive archive, int timeline) {
        this.archive = archive;
        this.timeline = timeline;
    }

    private TimelineHistory path() {
        if (known.isEmpty()) {
            known = archive.history(timeline);
        }
        return known.orElseThrow(() -> new PostgresException(
                "HISTORY_MISSING",
                "The store has no history file of timeline " + timeline,
                "Recover along a timeline whose history is stored."));
    }

    @Override
    public boolean fetch(String name, Path target) {
        return archive.files().fetch(name, target, path());
    }

    @Override
    public List<String> following(String name, int count) {
        return archive.files().following(name, count, path());
    }
}
