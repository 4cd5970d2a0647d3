package dev.muster.repository.verification;

import dev.muster.repository.BackupReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.StoredObjects;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.work.Crew;
import dev.muster.repository.work.StoreAnswers;
import dev.muster.storage.StoreException;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at committed backups of one source from COMMIT through manifest and file maps to the packs, without reading
 * content: whether all that is named is there, and, at {@link Level#INDEXES}, what the packs themselves say of it.
 */
final class BackupLook {
    /** Maps that were followed before, each in its place, so that an increment's unchanged files cost little. */
    private static final int REMEMBERED_MAPS = 50_000;

    /** Envelope, header and tag of an object without content. */
    private static final int SMALLEST_OBJECT = 80;

    /** Behind the frames: an index of one entry, and the footer. */
    private static final int SMALLEST_INDEX = 41 + 32;

    private final Repository repository;
    private final StoredObjects objects;
    private final String source;
    private final Level level;
    private final Tally tally;
    private final ConcurrentHashMap<String, BackupObjects> listed = new ConcurrentHashMap<>();
    private final Set<MapRef> followed = ConcurrentHashMap.newKeySet();
    private final OpenIndexes packs;

    BackupLook(Repository repository, String source, Level level, Tally tally) {
        this.repository = repository;
        this.objects = repository.stored();
        this.source = source;
        this.level = level;
        this.tally = tally;
        this.packs = new OpenIndexes(key -> objects.framed(ObjectType.PACK, key));
    }

    /** @param crew for the backup's files; nothing of it is under way on return */
    void look(CommittedBackup backup, Crew crew) {
        Tally found = new Tally(level, repository.store());
        String manifest = ObjectName.manifest(source, backup.id());
        found.checkOnce(manifest, () -> {
            BackupReader reader = repository.backup(source, backup.id());
            found.object(backup.manifestSize());
            reader.entries(entry -> {
                if (entry.type() == Entry.Type.FILE) {
                    crew.submit(() -> file(reader, entry, found));
                }
            });
        });
        if (level == Level.INDEXES) {
            own(backup.id(), crew, found);
        }
        crew.finish();
        // Expiry takes COMMIT away first: what is missing of a backup that has ended since is no problem.
        if (found.problemCount() == 0 || isCommitted(backup)) {
            tally.backup(source, backup.id(), found);
        }
    }

    private boolean isCommitted(CommittedBackup backup) {
        return repository.store().find(ObjectName.commit(source, backup.id())).isPresent();
    }

    /** Also what no file needs: who reads a backup's packs in order trips over it. */
    private void own(String backup, Crew crew, Tally found) {
        BackupObjects own = listing(backup);
        for (int number : own.packNumbers()) {
            String key = ObjectName.pack(source, backup, number);
            crew.submit(() -> found.check(key, () -> packs.frames(key)));
            found.object(own.pack(number).orElse(0));
        }
        for (int number : own.mapNumbers()) {
            String key = ObjectName.map(source, backup, number);
            crew.submit(() -> found.check(key, () -> objects.framed(ObjectType.MAP, key)));
            found.object(own.map(number).orElse(0));
        }
    }

    private void file(BackupReader reader, Entry entry, Tally found) {
        found.file();
        entry.maps().forEach(map -> follow(reader, map, entry, found, true));
    }

    /** @param again whether it is tried once more if only a short outage was the trouble */
    private void follow(BackupReader reader, MapRef map, Entry entry, Tally found, boolean again) {
        String mapKey = ObjectName.map(source, map.backup(), map.object());
        String at = mapKey;
        try {
            requireThere(mapKey, listing(map.backup()).map(map.object()), SMALLEST_OBJECT + SMALLEST_INDEX);
            if (followed.contains(map)) {
                return;
            }
            for (Run run : reader.runs(map)) {
                if (run instanceof Run.Stored stored) {
                    FrameRef ref = stored.ref();
                    at = ObjectName.pack(source, ref.backup(), ref.pack());
                    frame(at, ref);
                    at = mapKey;
                }
            }
            if (followed.size() < REMEMBERED_MAPS) {
                followed.add(map);
            }
        } catch (RepositoryException | StoreException e) {
            if (again && StoreAnswers.mayBeAway(e)) {
                StoreAnswers.require(repository.store());
                follow(reader, map, entry, found, false);
            } else {
                found.trouble(Problem.of(at, e).of(entry.path().toString()), e);
            }
        }
    }

    private void frame(String pack, FrameRef ref) {
        Frame frame = ref.frame();
        requireThere(pack, listing(ref.backup()).pack(ref.pack()), SMALLEST_OBJECT + SMALLEST_INDEX + frame.end());
        if (level == Level.INDEXES && !packs.has(pack, frame)) {
            throw Damage.of(pack, "it has no such frame at " + frame.offset() + " as the file's map says");
        }
    }

    private void requireThere(String key, OptionalLong size, long smallest) {
        if (size.isEmpty()) {
            throw new RepositoryException(
                    "OBJECT_MISSING",
                    "The object " + key + " does not exist in "
                            + repository.store().url() + ".",
                    "Bring it back from another copy of the repository; replicating from there does it.");
        }
        if (size.getAsLong() < smallest) {
            throw Damage.of(
                    key, "it has only " + size.getAsLong() + " bytes where " + smallest + " or more are needed");
        }
    }

    private BackupObjects listing(String backup) {
        return listed.computeIfAbsent(backup, id -> BackupObjects.list(repository.store(), source, id));
    }
}
