package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a data directory belongs in a backup: the rules of PostgreSQL's own pg_basebackup (src/backend/backup/
 * basebackup.c). Files may come and go during the walk; what vanishes is left out, since WAL repeats its removal.
 */
public final class DataDirectory {
    /**
     * A file to copy.
     *
     * @param path below the data directory, with slashes
     * @param size in bytes when it was listed
     * @param blocks set for a relation's file: the number of its first block in the relation
     */
    public record DataFile(String path, long size, Optional<Long> blocks) {}

    /**
     * What the walk found.
     *
     * @param directories below the data directory, parents before children
     * @param files all but pg_control, which is copied last
     * @param tablespaces the places of those outside of the data directory, by their folder below it, such as
     *     {@code pg_tblspc/16400}
     * @param skipped what is neither file nor directory: named in the result, as nobody may count on it
     */
    public record Listing(
            List<String> directories, List<DataFile> files, Map<String, String> tablespaces, List<String> skipped) {
        /** Of a directory's entry in the backup. */
        public Map<String, String> attributes(String directory) {
            String place = tablespaces.get(directory);
            return place == null ? Map.of() : Map.of(TABLESPACE, place);
        }
    }

    /** The attribute that tells where a tablespace's folder is on the source. */
    public static final String TABLESPACE = "tablespace";

    /** The server makes their contents anew; the directories themselves must be there. */
    private static final Set<String> EMPTIED = Set.of(
            "pg_wal",
            "pg_stat_tmp",
            "pg_replslot",
            "pg_dynshmem",
            "pg_notify",
            "pg_serial",
            "pg_snapshots",
            "pg_subtrans");

    private static final Set<String> LEFT_OUT = Set.of(
            ControlFile.PATH,
            "postmaster.pid",
            "postmaster.opts",
            "postgresql.auto.conf.tmp",
            "current_logfiles",
            "current_logfiles.tmp",
            "backup_label",
            "backup_label.old",
            "tablespace_map",
            "tablespace_map.old",
            "backup_manifest",
            "recovery.signal",
            "standby.signal",
            // Of an earlier restore, if this cluster came from one.
            "muster-restore.json");

    private static final String TABLESPACES = "pg_tblspc";

    /** Folders without which, or without a part of which, a cluster has lost data. */
    private static final Set<String> DATA = Set.of(
            "base", "global", TABLESPACES, "pg_xact", "pg_multixact", "pg_commit_ts", "pg_twophase", "pg_logical");

    private static final Pattern OID = Pattern.compile("[1-9]\\d{0,9}");
    private static final Pattern RELATION = Pattern.compile("(\\d+)(_fsm|_vm|_init)?(?:\\.(\\d+))?");
    private static final Pattern TEMPORARY = Pattern.compile("t\\d+_\\d+(_fsm|_vm|_init)?(?:\\.\\d+)?");

    private static final long DROP_LIMIT = 2_000_000_000;
    private static final long BETWEEN_LOOKS = 20_000_000;

    private final Path root;
    private final String version;
    private final long blocksPerFile;
    private final List<String> directories = new ArrayList<>();
    private final List<DataFile> files = new ArrayList<>();
    private final Map<String, String> tablespaces = new TreeMap<>();
    /** Tablespaces whose folder is below the data directory all the same: met twice, and copied once. */
    private final Set<Path> inside = new HashSet<>();

    private final List<String> skipped = new ArrayList<>();

    private DataDirectory(Path root, long blocksPerFile) throws IOException {
        this.root = root;
        this.version = Files.readString(root.resolve("PG_VERSION")).strip();
        this.blocksPerFile = blocksPerFile;
    }

    /**
     * Walks a data directory, running or not.
     *
     * @param blocksPerFile blocks in a relation's file before the next begins: 131072 unless built otherwise
     * @throws PostgresException TABLESPACE_UNREADABLE if a tablespace's folder is not there, or empty; DATA_BEHIND_LINK
     */
    public static Listing list(Path root, long blocksPerFile) throws IOException {
        DataDirectory walk = new DataDirectory(root, blocksPerFile);
        walk.findTablespaces();
        walk.visit(root, "");
        return new Listing(
                List.copyOf(walk.directories),
                List.copyOf(walk.files),
                Map.copyOf(walk.tablespaces),
                List.copyOf(walk.skipped));
    }

    private void visit(Path folder, String prefix) throws IOException {
        List<Path> children = children(folder);
        Set<String> unlogged = unloggedRelations(children);
        for (Path child : children) {
            String name = child.getFileName().toString();
            String path = prefix + name;
            if (name.startsWith("pgsql_tmp") || name.startsWith("pg_internal.init") || LEFT_OUT.contains(path)) {
                continue;
            }
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(child, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (EMPTIED.contains(path) && (attributes.isDirectory() || attributes.isSymbolicLink())) {
                    emptied(path);
                } else if (path.equals(TABLESPACES)) {
                    directories.add(path);
                    visitTablespaces(child);
                } else if (attributes.isDirectory() && inside.contains(child)) {
                    skipped.add(path);
                } else if (attributes.isDirectory()) {
                    directories.add(path);
                    visit(child, path + "/");
                } else if (attributes.isRegularFile()) {
                    file(path, name, attributes.size(), isRelationFolder(prefix), unlogged);
                } else {
                    refuseData(path);
                    skipped.add(path);
                }
            } catch (NoSuchFileException vanished) {
                // Its removal is in the WAL.
            }
        }
    }

    /** A server finds its data behind a link, and a backup without them could not be told from a whole one. */
    private static void refuseData(String path) {
        if (DATA.contains(path.split("/", 2)[0])) {
            throw new PostgresException(
                    "DATA_BEHIND_LINK",
                    path + " in the data directory is a link or a special file, and what is behind it is not backed up",
                    "Stop the server and move it back. Data goes to another disk by a tablespace; only the whole data"
                            + " directory, pg_wal and the tablespaces may be links.");
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        children.sort(null);
        return children;
    }

    private void emptied(String path) {
        directories.add(path);
        if (path.equals("pg_wal")) {
            directories.add("pg_wal/archive_status");
            if (Files.isDirectory(root.resolve("pg_wal/summaries"))) {
                directories.add("pg_wal/summaries");
            }
        }
    }

    private void findTablespaces() throws IOException {
        Path folder = root.resolve(TABLESPACES);
        if (!Files.isDirectory(folder)) {
            return;
        }
        for (Path link : children(folder)) {
            if (Files.isSymbolicLink(link) && Files.isDirectory(link)) {
                Path place = link.toRealPath();
                if (place.startsWith(root.toRealPath())) {
                    inside.add(root.resolve(root.toRealPath().relativize(place)));
                }
            }
        }
    }

    /** A tablespace is a link to a folder elsewhere, or a folder right here (allow_in_place_tablespaces). */
    private void visitTablespaces(Path folder) throws IOException {
        for (Path tablespace : children(folder)) {
            String path = TABLESPACES + "/" + tablespace.getFileName();
            boolean link = Files.isSymbolicLink(tablespace);
            if (!OID.matcher(tablespace.getFileName().toString()).matches()
                    || !(link || Files.isDirectory(tablespace, LinkOption.NOFOLLOW_LINKS))) {
                skipped.add(path);
                continue;
            }
            try {
                String place = link ? Files.readSymbolicLink(tablespace).toString() : "";
                List<Path> versions = children(tablespace).stream()
                        // Its folder may be shared with the cluster of another version, from before an upgrade.
                        .filter(this::isOfThisVersion)
                        .toList();
                if (link && versions.isEmpty()) {
                    awaitDropped(tablespace);
                    continue;
                }
                directories.add(path);
                if (link) {
                    tablespaces.put(path, place);
                }
                for (Path version : versions) {
                    String below = path + "/" + version.getFileName();
                    directories.add(below);
                    visit(version, below + "/");
                }
            } catch (NoSuchFileException | NotDirectoryException e) {
                awaitDropped(tablespace);
            }
        }
    }

    /** DROP TABLESPACE removes the folder first and the link next; where the link stays, the folder is missing. */
    private static void awaitDropped(Path link) {
        long deadline = System.nanoTime() + DROP_LIMIT;
        while (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            if (System.nanoTime() - deadline >= 0) {
                throw new PostgresException(
                        "TABLESPACE_UNREADABLE",
                        "The tablespace " + link + " points to a folder that is not there, or has nothing of this"
                                + " PostgreSQL",
                        "Is its disk mounted? If nobody needs it, drop the tablespace.");
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
    }

    /** The folder below a tablespace's own is named PG_, the major version, and the catalogue's version. */
    private boolean isOfThisVersion(Path folder) {
        return folder.getFileName().toString().startsWith("PG_" + version + "_");
    }

    private static boolean isRelationFolder(String prefix) {
        return prefix.equals("global/") || prefix.startsWith("base/") || prefix.startsWith(TABLESPACES + "/");
    }

    /** Relations with an init fork: PostgreSQL makes the other forks anew from it at the end of recovery. */
    private static Set<String> unloggedRelations(List<Path> children) {
        Set<String> relations = new HashSet<>();
        for (Path child : children) {
            String name = child.getFileName().toString();
            if (name.endsWith("_init")) {
                relations.add(name.substring(0, name.length() - "_init".length()));
            }
        }
        return relations;
    }

    private void file(String path, String name, long size, boolean mayBeRelation, Set<String> unlogged) {
        if (mayBeRelation) {
            if (TEMPORARY.matcher(name).matches()) {
                return;
            }
            Matcher relation = RELATION.matcher(name);
            if (relation.matches()) {
                if (unlogged.contains(relation.group(1)) && !"_init".equals(relation.group(2))) {
                    return;
                }
                long number = relation.group(3) == null ? 0 : Long.parseLong(relation.group(3));
                files.add(new DataFile(path, size, Optional.of(number * blocksPerFile)));
                return;
            }
        }
        files.add(new DataFile(path, size, Optional.empty()));
    }
}
