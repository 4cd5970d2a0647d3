package dev.muster.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What a new backup is to be.
 *
 * @param source name of what is backed up
 * @param parent the backup it is made against, if any
 * @param writer name of the process that writes, for its lease
 * @param attributes goes to the manifest's header, free for the writer
 * @param level of zstd, 1 to 19
 * @param packSize in bytes: a pack is closed when it has as many or more; up to 1 GiB
 */
public record BackupRequest(
        String source,
        BackupKind kind,
        Optional<String> parent,
        String writer,
        ObjectNode attributes,
        int level,
        long packSize) {
    public static final int DEFAULT_LEVEL = 3;
    public static final long DEFAULT_PACK_SIZE = 64 << 20;
    private static final long MAX_PACK_SIZE = 1 << 30;

    public BackupRequest {
        if (level < 1 || level > 19 || packSize < 1 || packSize > MAX_PACK_SIZE) {
            throw new IllegalArgumentException("Not a level and size of packs: " + level + ", " + packSize);
        }
        attributes = attributes.deepCopy();
    }

    public BackupRequest(String source, BackupKind kind, String writer, ObjectNode attributes) {
        this(source, kind, Optional.empty(), writer, attributes, DEFAULT_LEVEL, DEFAULT_PACK_SIZE);
    }

    public BackupRequest withParent(String id) {
        return new BackupRequest(source, kind, Optional.of(id), writer, attributes, level, packSize);
    }

    public BackupRequest withLevel(int zstdLevel) {
        return new BackupRequest(source, kind, parent, writer, attributes, zstdLevel, packSize);
    }

    public BackupRequest withPackSize(long bytes) {
        return new BackupRequest(source, kind, parent, writer, attributes, level, bytes);
    }
}
