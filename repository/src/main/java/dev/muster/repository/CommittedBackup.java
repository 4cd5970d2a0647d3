package dev.muster.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.frames.ContentHash;
import java.time.Instant;
import java.util.Optional;

/**
 * A backup that may be restored.
 *
 * @param id a ULID
 * @param parent the backup it was made against, if any; needed by no restore as such
 * @param committed by the writer's clock
 * @param manifestHash SHA-256 of the manifest as stored
 * @param manifestSize in bytes, as stored
 * @param summary what the writer wanted to be seen in listings
 */
public record CommittedBackup(
        String source,
        String id,
        BackupKind kind,
        Optional<String> parent,
        Instant committed,
        ContentHash manifestHash,
        long manifestSize,
        ObjectNode summary) {
    /** A copy: what is read here cannot be changed for others. */
    @Override
    public ObjectNode summary() {
        return summary.deepCopy();
    }
}
