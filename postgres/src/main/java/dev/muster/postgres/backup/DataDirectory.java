package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
     * @param skipped what is neither file nor directory: named in the result, as nobody may count on it
     */
    public record Listing(List<String> directories, List<DataFile> files, List<String> skipped) {}

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
            "standby.signal");

    private static final Pattern RELATION = Pattern.compile("(\\d+)(_fsm|_vm|_init)?(?:\\.(\\d+))?");
    private static final Pattern TEMPORARY = Pattern.compile("t\\d+_\\d+(_fsm|_vm|_init)?(?:\\.\\d+)?");

    private final Path root;
    private final long blocksPerFile;
    private final List<String> directories = new ArrayList<>();
    private final List<DataFile> files = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    private DataDirectory(Path root, long blocksPerFile) {
        this.root = root;
        this.blocksPerFile = blocksPerFile;
    }

    /**
     * Walks a data directory, running or not.
     *
     * @param blocksPerFile blocks in a relation's file before the next begins: 131072 unless built otherwise
     * @throws PostgresException TABLESPACES_NOT_SUPPORTED if it has tablespaces
     */
    public static Listing list(Path root, long blocksPerFile) throws IOException {
        DataDirectory walk = new DataDirectory(root, blocksPerFile);
        walk.visit(root, "");
        return new Listing(List.copyOf(walk.directories), List.copyOf(walk.files), List.copyOf(walk.skipped));
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
                } else if (path.equals("pg_tblspc")) {
                    refuseTablespaces(child);
                    directories.add(path);
                } else if (attributes.isDirectory()) {
                    directories.add(path);
                    visit(child, path + "/");
                } else if (attributes.isRegularFile()) {
                    file(path, name, attributes.size(), isRelationFolder(prefix), unlogged);
                } else {
                    skipped.add(path);
                }
            } catch (NoSuchFileException vanished) {
                // Its removal is in the WAL.
            }
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

    private void refuseTablespaces(Path folder) throws IOException {
        List<Path> tablespaces = children(folder);
        if (!tablespaces.isEmpty()) {
            throw new PostgresException(
                    "TABLESPACES_NOT_SUPPORTED",
                    "The cluster at " + root + " has " + tablespaces.size()
                            + " tablespace(s) outside of its data directory",
                    "Move their tables into pg_default and drop them; Muster does not back up tablespaces yet.");
        }
    }

    private static boolean isRelationFolder(String prefix) {
        return prefix.equals("global/") || prefix.startsWith("base/");
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
