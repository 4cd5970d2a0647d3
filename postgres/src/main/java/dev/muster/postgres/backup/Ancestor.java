package dev.muster.postgres.backup;

import dev.muster.postgres.incremental.ChangedBlocks;
import dev.muster.postgres.incremental.RelationFork;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.MapRef;
import dev.muster.repository.Run;
import dev.muster.repository.expiry.CopyForward;
import dev.muster.repository.expiry.DeadPacks;
import java.util.List;
import java.util.Optional;

/** The backup that a new one is made against. Safe for many threads. */
final class Ancestor {
    private final BackupReader reader;
    private final BackupSummary summary;
    private final AncestorFiles files = new AncestorFiles();
    private Optional<ChangedBlocks> changes = Optional.empty();
    private DeadPacks dead = DeadPacks.none();

    /** Reads its manifest. */
    Ancestor(BackupReader reader) {
        this.reader = reader;
        this.summary = BackupSummary.of(reader.backup().summary());
        reader.entries(files::add);
    }

    String id() {
        return reader.backup().id();
    }

    BackupSummary summary() {
        return summary;
    }

    /** From now on blocks that are not among these are those of the ancestor. */
    void know(ChangedBlocks changed) {
        for (String bad : summary.badPages()) {
            // Read again, to know whether they still are.
            int colon = bad.lastIndexOf(':');
            long block = Long.parseLong(bad.substring(colon + 1));
            RelationFork.ofFile(bad.substring(0, colon)).ifPresent(fork -> changed.add(fork, false, block));
        }
        changes = Optional.of(changed);
    }

    /** From now on no new backup is to refer to these. */
    void leave(DeadPacks packs) {
        dead = packs;
    }

    /** Whether the bytes of a run are to be stored again, where it is not changed. */
    boolean isLeft(Run run) {
        return dead.copyForward(run);
    }

    /**
     * Whether nothing of a stretch is to be stored again. Reads its maps only if there is anything to look for.
     *
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED
     */
    boolean stays(Entry file, long from, long to) {
        return dead.isEmpty() || reader.runs(file, from, to).stream().noneMatch(dead::copyForward);
    }

    /** For the calling thread. */
    CopyForward copyForward() {
        return new CopyForward(reader, dead);
    }

    /** Empty if files have to be read to know what changed. */
    Optional<ChangedBlocks> changes() {
        return changes;
    }

    Optional<Entry> file(String path) {
        return files.find(path);
    }

    /** What of a file's runs lies in a stretch. */
    List<Run> runs(Entry file, long from, long to) {
        return reader.runs(file, from, to);
    }

    /** The maps that are for exactly a stretch of the file; none if maps begin or end elsewhere. */
    static List<MapRef> maps(Entry file, long from, long to) {
        List<MapRef> within = file.maps().stream()
                .filter(map -> map.from() >= from && map.from() + map.covered() <= to)
                .toList();
        long covered = within.stream().mapToLong(MapRef::covered).sum();
        return covered == to - from ? within : List.of();
    }
}
