package dev.muster.workflows.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.stores.BackupFinding;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which backups of a database one repository holds.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param repository its name in the system
 * @param store its URL
 * @param observedAt when the look began, by the looker's clock
 * @param everything whether a backup that is not among the copies is not there
 * @param copies newest first, at most {@link #MOST}
 * @param unreadable why of some backups nothing can be told, the first few
 */
public record CopiesObservation(
        int schema,
        String system,
        String database,
        String repository,
        String store,
        Instant observedAt,
        boolean everything,
        List<Copy> copies,
        List<String> unreadable) {
    public static final int SCHEMA = 1;
    public static final int MOST = RepositoryObservation.MOST_BACKUPS;

    public CopiesObservation {
        copies = List.copyOf(copies);
        unreadable = List.copyOf(unreadable);
        if (schema != SCHEMA || copies.size() > MOST) {
            throw new IllegalArgumentException("Not copies of version " + SCHEMA + ", or more than " + MOST);
        }
    }

    /**
     * @param committed by its writer's clock
     * @param marks that keep it, at most {@link #MOST_MARKS}
     * @param listing whether all is there that it names; null if that was not looked at
     * @param readSince when the byte was read whose look is longest ago; null if not all were, or it was not asked
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Copy(
            RepositoryObservation.Backup backup,
            Instant committed,
            List<Mark> marks,
            @Nullable BackupFinding listing,
            @Nullable Instant readSince) {
        public static final int MOST_MARKS = 20;

        public Copy {
            marks = List.copyOf(marks);
        }
    }

    /**
     * A mark that keeps a backup.
     *
     * @param made null if the mark cannot be read
     * @param until null if it holds until it is taken away
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Mark(
            String mark,
            String by,
            String why,
            @Nullable Instant made,
            @Nullable Instant until) {}
}
