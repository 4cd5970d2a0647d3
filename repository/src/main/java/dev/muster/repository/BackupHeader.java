package dev.muster.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * The first line of a manifest.
 *
 * @param parent the backup it was made against, if any
 * @param started by the writer's clock
 * @param attributes what the writer wanted to know at restore
 */
public record BackupHeader(
        String source, String id, BackupKind kind, Optional<String> parent, Instant started, ObjectNode attributes) {
    /** A copy: what is read here cannot be changed for others. */
    @Override
    public ObjectNode attributes() {
        return attributes.deepCopy();
    }
}
