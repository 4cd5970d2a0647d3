package dev.muster.repository.verification;

import java.util.List;
import java.util.Optional;

/**
 * What a look found of one committed backup.
 *
 * @param problemCount all of them
 * @param first the one that was met first; empty if it is sound
 */
public record BackupResult(String source, String backup, long problemCount, Optional<Problem> first) {
    /** @return empty if all that went wrong is that the store did not answer: then nothing is known of the backup */
    public static Optional<BackupResult> of(String source, String backup, long problemCount, List<Problem> problems) {
        Optional<Problem> first =
                problems.stream().filter(problem -> !problem.isOfTheStore()).findFirst();
        return problemCount > 0 && first.isEmpty()
                ? Optional.empty()
                : Optional.of(new BackupResult(source, backup, problemCount, first));
    }

    public boolean sound() {
        return problemCount == 0;
    }
}
