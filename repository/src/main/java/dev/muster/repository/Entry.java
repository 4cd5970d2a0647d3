package dev.muster.repository;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory or symbolic link of a backup.
 *
 * @param mode permission bits, 0 to 07777
 * @param size in bytes; 0 for what is not a file
 * @param target of a symbolic link only. It may point anywhere: who restores
 *     decides whether it may
 * @param maps where a file's bytes are, in order, without a gap; empty for an empty file
 * @param attributes what the writer wants back at restore
 */
public record Entry(
        Type type,
        EntryPath path,
        int mode,
        @Nullable Owner owner,
        @Nullable Instant modified,
        long size,
        Optional<LinkTarget> target,
        List<MapRef> maps,
        Map<String, String> attributes) {
    /** Of an entry. */
    public enum Type {
        FILE,
        DIRECTORY,
        SYMLINK
    }

    /** By number, unsigned, as Java's own file attributes have it; names mean little on another host. */
    public record Owner(int uid, int gid) {}

    public Entry {
        maps = List.copyOf(maps);
        attributes = Map.copyOf(attributes);
        if (mode < 0 || mode > 07777) {
            throw new IllegalArgumentException("Not permission bits of " + path + ": " + mode);
        }
        long mapped = 0;
        for (MapRef map : maps) {
            if (map.from() != mapped) {
                throw new IllegalArgumentException("The maps of " + path + " leave a gap at byte " + mapped);
            }
            mapped += map.covered();
        }
        boolean file = type == Type.FILE;
        if (size < 0 || (!file && (size > 0 || !maps.isEmpty()))) {
            throw new IllegalArgumentException("Not a size of " + path + ": " + size);
        }
        if (!maps.isEmpty() && mapped != size) {
            throw new IllegalArgumentException("The maps of " + path + " cover " + mapped + " of " + size + " bytes");
        }
        if (target.isPresent() != (type == Type.SYMLINK)) {
            throw new IllegalArgumentException("A symbolic link has a target, and nothing else has: " + path);
        }
    }

    /** @param size in bytes */
    public static Entry file(EntryPath path, int mode, long size) {
        return new Entry(Type.FILE, path, mode, null, null, size, Optional.empty(), List.of(), Map.of());
    }

    public static Entry directory(EntryPath path, int mode) {
        return new Entry(Type.DIRECTORY, path, mode, null, null, 0, Optional.empty(), List.of(), Map.of());
    }

    public static Entry symlink(EntryPath path, LinkTarget target) {
        return new Entry(Type.SYMLINK, path, 0777, null, null, 0, Optional.of(target), List.of(), Map.of());
    }

    public Entry withOwner(int uid, int gid) {
        return new Entry(type, path, mode, new Owner(uid, gid), modified, size, target, maps, attributes);
    }

    public Entry withModified(Instant time) {
        return new Entry(type, path, mode, owner, time, size, target, maps, attributes);
    }

    public Entry withAttributes(Map<String, String> more) {
        return new Entry(type, path, mode, owner, modified, size, target, maps, more);
    }

    Entry withMaps(List<MapRef> refs) {
        return new Entry(type, path, mode, owner, modified, size, target, refs, attributes);
    }
}
