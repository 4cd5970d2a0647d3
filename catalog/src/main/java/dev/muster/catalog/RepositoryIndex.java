package dev.muster.catalog;

import java.time.Instant;
import java.util.List;

/**
 * The backups of one database in one repository of its system.
 *
 * @param repository its name in the system
 * @param store its URL
 * @param observedAt when it was looked into, by the looker's clock, at the beginning of the look
 * @param copies newest first
 */
public record RepositoryIndex(
        String system, String database, String repository, String store, Instant observedAt, List<IndexedCopy> copies) {
    public RepositoryIndex {
        copies = List.copyOf(copies);
    }
}
