package dev.muster.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a look at one level said of a backup in a repository.
 *
 * @param repository its name in the system
 * @param lookedAt when this was so
 * @param soundAt since when, if it is sound; else when it was last known to be; null if never. Of {@link ProofLevel#CONTENT}
 *     when the byte was read whose look is longest ago
 * @param problems how many were found
 * @param code of the first; null if there is none
 * @param object what it is about; null if not known
 * @param runId the run that looked; null if it was a look into the stores
 */
public record BackupProof(
        String repository,
        String backup,
        ProofLevel level,
        Instant lookedAt,
        boolean sound,
        @Nullable Instant soundAt,
        long problems,
        @Nullable String code,
        @Nullable String object,
        @Nullable String runId) {
    public static BackupProof sound(
            String repository,
            String backup,
            ProofLevel level,
            Instant lookedAt,
            Instant soundAt,
            @Nullable String runId) {
        return new BackupProof(repository, backup, level, lookedAt, true, soundAt, 0, null, null, runId);
    }

    public static BackupProof unsound(
            String repository,
            String backup,
            ProofLevel level,
            Instant lookedAt,
            long problems,
            String code,
            @Nullable String object,
            @Nullable String runId) {
        return new BackupProof(repository, backup, level, lookedAt, false, null, problems, code, object, runId);
    }
}
