package dev.muster.sources.filesystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What the file system says of a name itself, a link not followed.
 *
 * @param mode permission bits, 0 to 07777
 * @param size in bytes
 * @param modified set by whoever writes, and by anybody who may write as he likes
 * @param changed the kernel's own time of the last change to content or attributes: nobody can set it
 * @param links how many names it has
 */
public record FileFacts(
        Kind kind,
        int mode,
        long device,
        long inode,
        int links,
        int uid,
        int gid,
        long size,
        Instant modified,
        Instant changed) {
    private static final String NAMES = "unix:mode,ino,dev,nlink,uid,gid,size,lastModifiedTime,ctime";

    /** Of a name in a file system. */
    public enum Kind {
        FILE,
        DIRECTORY,
        SYMLINK,
        /** A device, a socket, a named pipe. */
        SPECIAL
    }

    /** @throws java.nio.file.NoSuchFileException if there is nothing of this name */
    public static FileFacts of(Path path) throws IOException {
        Map<String, Object> facts = Files.readAttributes(path, NAMES, LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) get(facts, "mode");
        return new FileFacts(
                switch (mode & 0170000) {
                    case 0100000 -> Kind.FILE;
                    case 0040000 -> Kind.DIRECTORY;
                    case 0120000 -> Kind.SYMLINK;
                    default -> Kind.SPECIAL;
                },
                mode & 07777,
                (Long) get(facts, "dev"),
                (Long) get(facts, "ino"),
                (Integer) get(facts, "nlink"),
                (Integer) get(facts, "uid"),
                (Integer) get(facts, "gid"),
                (Long) get(facts, "size"),
                ((FileTime) get(facts, "lastModifiedTime")).toInstant(),
                ((FileTime) get(facts, "ctime")).toInstant());
    }

    private static Object get(Map<String, Object> facts, String name) {
        return Objects.requireNonNull(facts.get(name), name);
    }

    /** Whether it is the same file, changed or not; a number may have been given to another one since. */
    public boolean isSameFile(FileFacts other) {
        return device == other.device && inode == other.inode;
    }

    /** Whether it is the same file with, as far as the kernel tells, the same content. */
    public boolean same(FileFacts other) {
        return kind == other.kind
                && isSameFile(other)
                && size == other.size
                && modified.equals(other.modified)
                && changed.equals(other.changed);
    }
}
