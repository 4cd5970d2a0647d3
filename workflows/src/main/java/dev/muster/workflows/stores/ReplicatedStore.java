package dev.muster.workflows.stores;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.run.StepResult;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was copied to a repository, and how far it is behind now.
 *
 * @param to the repository's name in the system
 * @param objects that were copied
 * @param bytes of these
 * @param copied backups that count there since now
 * @param present backups that did before
 * @param repaired backups that counted there although something was missing, which is there again
 * @param incomplete backups of which something could not be copied
 * @param problemCount all of them
 * @param problems the first {@link StoreProblem#MOST}
 * @param lag by source
 * @param each of the newest {@link BackupFinding#MOST} backups whether it is whole there; null in reports of earlier versions
 * @param began when, by the clock of the worker that copied; null in reports of earlier versions
 */
public record ReplicatedStore(
        String to,
        String store,
        long objects,
        long bytes,
        long copied,
        long present,
        long repaired,
        long incomplete,
        long problemCount,
        List<StoreProblem> problems,
        List<Lag> lag,
        double seconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<BackupFinding> each,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant began)
        implements StepResult {
    public ReplicatedStore {
        problems = List.copyOf(problems);
        lag = List.copyOf(lag);
        each = each == null ? null : List.copyOf(each);
    }

    /**
     * @param originBackup the newest committed; null if there is none
     * @param replicaBackup the newest there; null if there is none
     * @param originWal how far it goes; null if there is none
     * @param replicaWal how far it goes there; null if there is none
     * @param behindSeconds age of the oldest object that is missing there; 0 if none is
     */
    public record Lag(
            String source,
            @Nullable String originBackup,
            @Nullable String replicaBackup,
            long missingBackups,
            @Nullable String originWal,
            @Nullable String replicaWal,
            long missingObjects,
            long missingBytes,
            long behindSeconds) {}

    @Override
    public String detail() {
        long missing = lag.stream().mapToLong(Lag::missingObjects).sum();
        return String.format(
                Locale.ROOT,
                "to %s: %,d objects, %,d MB in %.1f s; backups: %d copied, %d there before, %d repaired; %s%s",
                to,
                objects,
                bytes / 1_000_000,
                seconds,
                copied,
                present,
                repaired,
                missing == 0 ? "nothing is missing there" : missing + " objects came meanwhile or are missing",
                problemCount == 0 ? "" : "; " + problemCount + " PROBLEMS");
    }
}
