package dev.muster.postgres.restore;

import dev.muster.repository.Entry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an old data directory has and the backup has not. Links are never followed, but for pg_wal, which may be on a disk
 * of its own; a link or a folder where the backup has a file goes too, and a file that has another name, so that nothing
 * is written through it.
 */
final class Leftovers {
    private enum Kind {
        FILE,
        FOLDER,
        LINK
    }

    private final Path target;
    private final Map<Path, Kind> expected = new HashMap<>();
    private final List<Path> found = new ArrayList<>();
    private final Map<Path, Long> bytes = new HashMap<>();

    private Leftovers(Path target, RestoreLayout layout) {
        this.target = target;
        for (Entry file : layout.files()) {
            expected.put(layout.path(file), Kind.FILE);
        }
        for (Entry folder : layout.folders()) {
            expected.put(layout.path(folder), Kind.FOLDER);
        }
        layout.tablespaces().forEach(one -> expected.put(one.link(), Kind.LINK));
        expected.put(target.resolve(RestoreTarget.MARKER), Kind.FILE);
    }

    /** Children before their parents. */
    static Leftovers find(Path target, RestoreLayout layout) throws IOException {
        Leftovers leftovers = new Leftovers(target, layout);
        if (Files.isDirectory(target)) {
            leftovers.look(target);
        }
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            for (Entry folder : layout.folders()) {
                Path version = layout.path(folder);
                boolean below = tablespace.place().equals(version.getParent());
                if (below && Files.isDirectory(version, LinkOption.NOFOLLOW_LINKS)) {
                    leftovers.look(version);
                }
            }
        }
        return leftovers;
    }

    private void look(Path folder) throws IOException {
        for (Path child : children(folder)) {
            Kind kind = kind(child);
            Kind wanted = expected.get(child);
            boolean wal = kind == Kind.LINK && child.equals(target.resolve("pg_wal")) && Files.isDirectory(child);
            if (wal || (kind == Kind.FOLDER && wanted == Kind.FOLDER)) {
                look(child);
            } else if (kind != wanted || (kind == Kind.FILE && isLinkedElsewhere(child))) {
                everything(folder, child, kind);
            }
        }
    }

    private void everything(Path folder, Path path, Kind kind) throws IOException {
        if (kind == Kind.FOLDER) {
            for (Path child : children(path)) {
                everything(path, child, kind(child));
            }
        } else if (kind == Kind.FILE && !isLinkedElsewhere(path)) {
            bytes.merge(folder, size(path), Long::sum);
        }
        found.add(path);
    }

    private static long size(Path path) throws IOException {
        try {
            return Files.size(path);
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    /** Whether a file has another name, as in a copy made with cp -al: what is written here would be written there. */
    static boolean isLinkedElsewhere(Path file) throws IOException {
        try {
            return (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private static Kind kind(Path path) {
        if (Files.isSymbolicLink(path)) {
            return Kind.LINK;
        }
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? Kind.FOLDER : Kind.FILE;
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        }
        children.sort(null);
        return children;
    }

    List<Path> paths() {
        return List.copyOf(found);
    }

    /** What their removal frees: not those that have another name. */
    long bytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The same by the folder that they are in. */
    Map<Path, Long> bytesByFolder() {
        return Map.copyOf(bytes);
    }

    void remove() throws IOException {
        for (Path path : found) {
            Files.deleteIfExists(path);
        }
    }
}
