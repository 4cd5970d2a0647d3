package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.backup.DataDirectory;
import dev.muster.repository.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where each entry of a backup goes on disk. Nothing is ever written through a link: tablespaces have their own paths. */
final class RestoreLayout {
    private static final Pattern TABLESPACE = Pattern.compile("(pg_tblspc/([1-9]\\d{0,9}))(?:/(.+))?");
    private static final String MAP = "tablespace_map";

    /**
     * A tablespace outside of the data directory.
     *
     * @param link in the data directory
     */
    record Tablespace(String oid, Path link, Path place) {}

    private final Path target;
    private final String backup;
    private final Map<String, Tablespace> tablespaces = new TreeMap<>();
    private final List<Entry> files = new ArrayList<>();
    private final List<Entry> folders = new ArrayList<>();
    private boolean asOnSource = true;

    RestoreLayout(Path target, String backup, List<Entry> entries, TablespacePlaces places) {
        this.target = target;
        this.backup = backup;
        for (Entry entry : entries) {
            switch (entry.type()) {
                // The marker of a restore that the source came from is not this restore's.
                case FILE -> {
                    if (!text(entry).equals(RestoreTarget.MARKER)) {
                        files.add(entry);
                    }
                }
                case DIRECTORY -> folders.add(entry);
                case SYMLINK ->
                    throw new PostgresException(
                            "BACKUP_INCOMPATIBLE",
                            "The backup " + backup + " has symbolic links",
                            "It was made by a newer Muster; restore it with that.");
            }
        }
        folders.sort(java.util.Comparator.comparing(Entry::path));
        folders.forEach(folder -> tablespace(folder, places));
        refuseSharedPlaces(places);
    }

    private void tablespace(Entry folder, TablespacePlaces places) {
        String onSource = folder.attributes().get(DataDirectory.TABLESPACE);
        if (onSource == null) {
            return;
        }
        Matcher path = TABLESPACE.matcher(text(folder));
        if (!path.matches() || path.group(3) != null) {
            throw new PostgresException(
                    "BACKUP_INCOMPATIBLE",
                    "The backup " + backup + " has a tablespace at " + folder.path(),
                    "It was made by a newer Muster; restore it with that.");
        }
        Path place = places.of(target, path.group(2), onSource);
        asOnSource &= place.equals(Path.of(onSource).normalize());
        tablespaces.put(path.group(1), new Tablespace(path.group(2), target.resolve(path.group(1)), place));
    }

    private void refuseSharedPlaces(TablespacePlaces places) {
        Set<String> known = new HashSet<>();
        for (Entry folder : folders) {
            String onSource = folder.attributes().get(DataDirectory.TABLESPACE);
            if (onSource != null) {
                known.add(onSource);
                known.add(text(folder).substring("pg_tblspc/".length()));
            }
        }
        places.moved().keySet().stream()
                .filter(from -> !known.contains(from))
                .findFirst()
                .ifPresent(from -> {
                    throw TablespacePlaces.refused("the backup has no tablespace " + from);
                });
        List<Path> all = new ArrayList<>(List.of(target));
        for (Tablespace tablespace : tablespaces.values()) {
            for (Path other : all) {
                if (tablespace.place().startsWith(other) || other.startsWith(tablespace.place())) {
                    throw TablespacePlaces.refused(tablespace.place() + " and " + other + " are in each other's way");
                }
            }
            all.add(tablespace.place());
        }
    }

    private String text(Entry entry) {
        return entry.path()
                .text()
                .orElseThrow(() -> new PostgresException(
                        "BACKUP_INCOMPATIBLE",
                        "The backup " + backup + " has a file whose name is not UTF-8: " + entry.path(),
                        "PostgreSQL makes no such files; remove it from the source and take a new backup."));
    }

    Path path(Entry entry) {
        String text = text(entry);
        if (text.equals(MAP) && !asOnSource) {
            // PostgreSQL would make the links anew from it, to where the source's tablespaces are.
            return target.resolve(MAP + ".source");
        }
        Matcher below = TABLESPACE.matcher(text);
        if (below.matches()) {
            Tablespace tablespace = tablespaces.get(below.group(1));
            if (tablespace != null) {
                return below.group(3) == null
                        ? tablespace.place()
                        : tablespace.place().resolve(below.group(3));
            }
        }
        return target.resolve(text);
    }

    /** All files but none twice. */
    List<Entry> files() {
        return files;
    }

    /** Parents before children. */
    List<Entry> folders() {
        return folders;
    }

    List<Tablespace> tablespaces() {
        return List.copyOf(tablespaces.values());
    }

    boolean isControl(Entry entry) {
        return text(entry).equals(ControlFile.PATH);
    }

    Entry control() {
        return files.stream()
                .filter(this::isControl)
                .findFirst()
                .orElseThrow(() -> new PostgresException(
                        "BACKUP_INCOMPATIBLE",
                        "The backup " + backup + " has no " + ControlFile.PATH,
                        "It is not a backup of a PostgreSQL cluster."));
    }

    long bytes() {
        return files.stream().mapToLong(Entry::size).sum();
    }
}
