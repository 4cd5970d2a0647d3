package dev.muster.workflows.stores;

import dev.muster.workflows.run.StepResult;
import java.util.List;
import java.util.Locale;

/**
 * What an expiry took away.
 *
 * @param repository its name in the system
 * @param expired committed backups that no longer count, those included that an attempt took whose answer was lost
 * @param aborted backups that were decided against: their writers are dead
 * @param spared backups that the plan named and that stay: somebody marked them meanwhile, or they are locked
 * @param objects that the last attempt deleted, of backups
 * @param lockedCount objects that could not be deleted yet; the next expiry tries again
 * @param waitingFor backups that are being made: nothing, or not all, was deleted
 * @param walObjects of WAL that the last attempt deleted
 * @param walBytes of these
 * @param walDoubts why WAL of a cluster stays, the first {@link StoreProblem#MOST}
 */
public record ExpiredStore(
        String repository,
        String store,
        List<String> expired,
        List<String> aborted,
        List<String> spared,
        long objects,
        int lockedCount,
        List<String> waitingFor,
        int temporaryFiles,
        long walObjects,
        long walBytes,
        List<String> walDoubts,
        double seconds)
        implements StepResult {
    public ExpiredStore {
        expired = List.copyOf(expired);
        aborted = List.copyOf(aborted);
        spared = List.copyOf(spared);
        waitingFor = List.copyOf(waitingFor);
        walDoubts = List.copyOf(walDoubts);
    }

    @Override
    public String detail() {
        return String.format(
                        Locale.ROOT,
                        "%d backups expired, %d dead ones aborted, %,d objects deleted; WAL: %,d objects, %,d MB",
                        expired.size(),
                        aborted.size(),
                        objects,
                        walObjects,
                        walBytes / 1_000_000)
                + (spared.isEmpty() ? "" : "; spared: " + String.join(", ", spared))
                + (lockedCount == 0 ? "" : "; " + lockedCount + " objects are locked still")
                + (waitingFor.isEmpty() ? "" : "; WAITS for backups being made: " + String.join(", ", waitingFor))
                + (walDoubts.isEmpty() ? "" : "; WAL stays: " + walDoubts.get(0));
    }
}
