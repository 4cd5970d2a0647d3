package dev.muster.sources.files;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.MapRef;
import dev.muster.sources.filesystem.FileFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files with several names: read once, an entry for each name. Holds a file until all of its names were met. The walk
 * calls from one thread, the readers from theirs.
 */
final class LinkGroups {
    /** With its time of change: a number is given to another file as soon as the last name of the old one is gone. */
    private record Inode(long device, long number, Instant changed) {}

    /** What was read under the first name; the others only differ in their paths. */
    private record Stored(Entry entry, List<MapRef> maps) {}

    private static final class Group {
        private int left;
        private Optional<Stored> stored = Optional.empty();
        private final List<FileTask> waiting = new ArrayList<>();
    }

    private final BackupWriter writer;
    private final Map<Inode, Group> groups = new HashMap<>();

    LinkGroups(BackupWriter writer) {
        this.writer = writer;
    }

    private static Inode inode(FileFacts facts) {
        return new Inode(facts.device(), facts.inode(), facts.changed());
    }

    /** Whether a name is another one of a file that was met before. */
    enum Joined {
        /** It is the first: read it. */
        NO,
        /** Its entry was added. */
        STORED,
        /** Its entry is added when the first name has been read. */
        WAITING
    }

    synchronized Joined join(FileTask task) {
        if (task.facts().links() < 2) {
            return Joined.NO;
        }
        Group group = groups.get(inode(task.facts()));
        if (group == null) {
            Group begun = new Group();
            begun.left = task.facts().links() - 1;
            groups.put(inode(task.facts()), begun);
            return Joined.NO;
        }
        group.left--;
        if (group.stored.isEmpty()) {
            group.waiting.add(task);
            return Joined.WAITING;
        }
        add(task, group.stored.get());
        if (group.left <= 0) {
            groups.remove(inode(task.facts()));
        }
        return Joined.STORED;
    }

    private void add(FileTask task, Stored stored) {
        Entry first = stored.entry();
        Entry entry = new Entry(
                first.type(),
                task.entry(),
                first.mode(),
                first.owner(),
                first.modified(),
                first.size(),
                first.target(),
                List.of(),
                first.attributes());
        writer.fileOfMaps(entry, stored.maps());
    }

    /**
     * The file was stored under its first name.
     *
     * @return how many other names had waited
     */
    synchronized int stored(FileTask task, Entry entry, List<MapRef> maps) {
        Group group = groups.get(inode(task.facts()));
        if (group == null) {
            return 0;
        }
        Stored stored = new Stored(entry, maps);
        group.stored = Optional.of(stored);
        group.waiting.forEach(other -> add(other, stored));
        int waited = group.waiting.size();
        group.waiting.clear();
        if (group.left <= 0) {
            groups.remove(inode(task.facts()));
        }
        return waited;
    }

    /** The file could not be read under its first name, or that name is another file's now: the names that wait are tried, in turn, by the caller. */
    synchronized List<FileTask> failed(FileTask task) {
        Group group = groups.remove(inode(task.facts()));
        if (group == null) {
            return List.of();
        }
        return List.copyOf(group.waiting);
    }
}
