package dev.muster.postgres.incremental;

import dev.muster.postgres.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Whether WAL summaries tell of all WAL between two backups (SAFETY "PostgreSQL recovery" 10). */
public final class SummaryCoverage {
    /** A summary of the WAL from one position to another. */
    public record Summary(Lsn start, Lsn end) {}

    private SummaryCoverage() {}

    /** The first position from {@code from} on that no summary tells of; empty if they tell of all up to {@code to}. */
    public static Optional<Lsn> gap(List<Summary> summaries, Lsn from, Lsn to) {
        Lsn reached = from;
        for (Summary summary : summaries.stream()
                .sorted(Comparator.comparing(Summary::start).thenComparing(Summary::end))
                .toList()) {
            if (!reached.isBefore(to) || summary.start().isAfter(reached)) {
                break;
            }
            if (summary.end().isAfter(reached)) {
                reached = summary.end();
            }
        }
        return reached.isBefore(to) ? Optional.of(reached) : Optional.empty();
    }
}
