package dev.muster.sources.files;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.sources.Named;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What a backup of a tree did, and what was special in it. */
public final class FileBackupResult {
    private static final int NAMES_IN_SUMMARY = 100;

    private String backupId = "";
    private Optional<String> parent = Optional.empty();
    private long storedBytes;
    final AtomicLong files = new AtomicLong();
    final AtomicLong directories = new AtomicLong();
    final AtomicLong symlinks = new AtomicLong();
    final AtomicLong unchangedFiles = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong readBytes = new AtomicLong();
    final AtomicLong knownBytes = new AtomicLong();
    final AtomicLong copiedForwardBytes = new AtomicLong();
    final Named changed = new Named();
    final Named vanished = new Named();
    final Named special = new Named();
    final Named unreadable = new Named();
    final Named secrets = new Named();
    final Named otherFileSystems = new Named();

    void committed(String id, Optional<String> against, long stored) {
        backupId = id;
        parent = against;
        storedBytes = stored;
    }

    public String backupId() {
        return backupId;
    }

    /** The backup it was made against. */
    public Optional<String> parent() {
        return parent;
    }

    public long files() {
        return files.get();
    }

    public long directories() {
        return directories.get();
    }

    public long symlinks() {
        return symlinks.get();
    }

    /** Files that were not read, because the kernel says that they have not changed. */
    public long unchangedFiles() {
        return unchangedFiles.get();
    }

    /** Of all files. */
    public long bytes() {
        return bytes.get();
    }

    /** That were read, those read again included. */
    public long readBytes() {
        return readBytes.get();
    }

    /** That were read and found in an older backup, frame by frame. */
    public long knownBytes() {
        return knownBytes.get();
    }

    /** That were stored again, so that packs of expired backups that are mostly dead can go. */
    public long copiedForwardBytes() {
        return copiedForwardBytes.get();
    }

    /** In the store. */
    public long storedBytes() {
        return storedBytes;
    }

    /** Files that changed each time they were read: they are as they were read last, from front to back. */
    public Named changed() {
        return changed;
    }

    /** What was listed and gone before it was read: not in the backup. */
    public Named vanished() {
        return vanished;
    }

    /** Devices, sockets, named pipes: not in the backup. */
    public Named special() {
        return special;
    }

    /** What may not or cannot be read: not in the backup. */
    public Named unreadable() {
        return unreadable;
    }

    /** What looks like a secret: not in the backup. */
    public Named secrets() {
        return secrets;
    }

    /** Where another file system is mounted: the folder is in the backup, what is in it is not. */
    public Named otherFileSystems() {
        return otherFileSystems;
    }

    ObjectNode summary(Path root) {
        ObjectNode json = numbers();
        json.put("root", root.toString());
        return json;
    }

    /** For people and scripts: counts, and the first hundred names of what was special. */
    public ObjectNode numbers() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("what", FileEntries.WHAT);
        json.put("files", files());
        json.put("directories", directories());
        json.put("symlinks", symlinks());
        json.put("bytes", bytes());
        json.put("unchangedFiles", unchangedFiles());
        json.put("readBytes", readBytes());
        json.put("knownBytes", knownBytes());
        json.put("copiedForwardBytes", copiedForwardBytes());
        put(json, "changedWhileRead", changed);
        put(json, "vanished", vanished);
        put(json, "special", special);
        put(json, "unreadable", unreadable);
        put(json, "secrets", secrets);
        put(json, "otherFileSystems", otherFileSystems);
        return json;
    }

    private static void put(ObjectNode json, String name, Named named) {
        ObjectNode field = json.putObject(name).put("count", named.count());
        ArrayNode names = field.putArray("names");
        named.names().stream().limit(NAMES_IN_SUMMARY).forEach(names::add);
    }
}
