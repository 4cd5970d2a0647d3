package dev.muster.workflows.approval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys in the files of a folder, as they are at the moment of asking: a new file counts and a removed one no
 * longer does, without a restart.
 */
final class KeyFolder {
    private static final Logger log = LoggerFactory.getLogger(KeyFolder.class);
    private static final int MOST_FILES = 1000;

    private final Path folder;
    private final Predicate<Path> wanted;
    private Map<Path, Entry> entries = Map.of();

    /** What a file looked like when it was read, and the key in it; null if it held none. */
    private record Entry(
            FileTime modified,
            long size,
            @Nullable Object inode,
            @Nullable ApproverKey key) {
        boolean isOf(BasicFileAttributes now) {
            return modified.equals(now.lastModifiedTime())
                    && size == now.size()
                    && java.util.Objects.equals(inode, now.fileKey());
        }
    }

    private KeyFolder(Path folder, Predicate<Path> wanted) {
        this.folder = folder;
        this.wanted = wanted;
    }

    /**
     * Reads the folder for the first time.
     *
     * @throws IOException if the folder or a file in it cannot be read; one bad file is an error, not skipped, because
     *     a process that silently trusts fewer people than configured fails at 3 a.m.
     */
    static KeyFolder open(Path folder, Predicate<Path> wanted) throws IOException {
        KeyFolder opened = new KeyFolder(folder, wanted);
        for (Path file : opened.files()) {
            ApproverKey.read(file);
        }
        opened.refresh();
        return opened;
    }

    /**
     * The keys by their id. A file that has become unreadable since the start counts as absent and is told in the log,
     * not thrown: it may be on its way, and a recovery must not end because somebody copies a key.
     *
     * @throws IOException if the folder itself cannot be listed
     */
    synchronized Map<String, ApproverKey> keys() throws IOException {
        refresh();
        Map<String, ApproverKey> keys = new HashMap<>();
        for (Entry entry : entries.values()) {
            ApproverKey key = entry.key();
            if (key != null) {
                ApproverKey other = keys.putIfAbsent(key.keyId(), key);
                if (other != null && !other.saysTheSame(key)) {
                    throw new IOException("Two files in " + folder + " give the key " + key.keyId()
                            + " to different people: " + other.subject() + " and " + key.subject() + ".");
                }
            }
        }
        return Map.copyOf(keys);
    }

    private synchronized void refresh() throws IOException {
        Map<Path, Entry> now = new HashMap<>();
        for (Path file : files()) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                Entry before = entries.get(file);
                now.put(file, before != null && before.isOf(attributes) ? before : read(file, attributes));
            } catch (java.nio.file.NoSuchFileException e) {
                log.debug("Removed while the folder was read: {}", file, e);
            }
        }
        entries = Map.copyOf(now);
    }

    private static Entry read(Path file, BasicFileAttributes attributes) {
        @Nullable ApproverKey key;
        try {
            key = ApproverKey.read(file);
            log.info("The key {} of {} counts from now on ({})", key.keyId(), key.subject(), file);
        } catch (IOException e) {
            log.error("No key can be read from {}; nobody is trusted because of it", file, e);
            key = null;
        }
        return new Entry(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey(), key);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            List<Path> files =
                    listed.filter(wanted).sorted().limit(MOST_FILES + 1L).toList();
            if (files.size() > MOST_FILES) {
                throw new IOException(folder + " holds more than " + MOST_FILES + " keys; is it the right folder?");
            }
            return files;
        } catch (java.io.UncheckedIOException e) {
            throw new IOException("The folder " + folder + " cannot be listed", e);
        }
    }
}
