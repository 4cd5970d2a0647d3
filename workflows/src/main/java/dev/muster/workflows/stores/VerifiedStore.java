package dev.muster.workflows.stores;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.run.StepResult;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a look at a repository found.
 *
 * @param repository its name in the system
 * @param levels in the order of their depth
 * @param began when, by the clock of the worker that looked; null in reports of earlier versions
 */
public record VerifiedStore(
        String repository,
        String store,
        List<Level> levels,
        double seconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant began)
        implements StepResult {
    public VerifiedStore {
        levels = List.copyOf(levels);
    }

    /**
     * @param complete whether it looked at all that it should; else its budget ended it
     * @param bytes that were looked at, as stored
     * @param problemCount all of them
     * @param problems the first {@link StoreProblem#MOST}
     * @param coverage of the level content: how far the rolling look has come; null for others
     * @param each of the newest {@link BackupFinding#MOST} backups of which this look knows something; null in reports of
     *     earlier versions
     */
    public record Level(
            String level,
            boolean complete,
            long backups,
            long files,
            long objects,
            long bytes,
            long problemCount,
            List<StoreProblem> problems,
            @Nullable Coverage coverage,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<BackupFinding> each) {
        public Level {
            problems = List.copyOf(problems);
            each = each == null ? null : List.copyOf(each);
        }
    }

    /**
     * @param never how many objects no look has found sound yet
     * @param oldest when the one was looked at whose look is longest ago; null if none was
     */
    public record Coverage(
            long objects, long never, @Nullable Instant oldest) {}

    public long problems() {
        return levels.stream().mapToLong(Level::problemCount).sum();
    }

    @Override
    public String detail() {
        return levels.stream().map(VerifiedStore::line).collect(Collectors.joining("; "))
                + String.format(Locale.ROOT, "; %.1f s", seconds);
    }

    private static String line(Level level) {
        Coverage coverage = level.coverage();
        String found = level.problemCount() == 0 ? "sound" : level.problemCount() + " PROBLEMS";
        return String.format(
                Locale.ROOT,
                "%s: %,d objects, %,d MB, %s%s",
                level.level(),
                level.objects(),
                level.bytes() / 1_000_000,
                found,
                coverage == null
                        ? ""
                        : ", " + coverage.never() + " of " + coverage.objects() + " never found sound yet");
    }
}
