package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.walscan.ScanSummary;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the finder found.
 *
 * @param candidates most destructive first; empty: nothing destructive was found
 * @param examined committed transactions that fall into the hints' window
 * @param leftOut suspects beyond the bound on what is looked at more closely, 0 as a rule
 * @param scan what range was read, and what else was in it
 * @param doubts where names may be missing or wrong
 */
public record LastGoodPointReport(
        List<Candidate> candidates, long examined, long leftOut, ScanSummary scan, List<String> doubts) {
    private static final Duration SERIES = Duration.ofHours(1);

    public boolean nothingDestructiveFound() {
        return candidates.isEmpty();
    }

    public Optional<Candidate> worst() {
        return candidates.stream().findFirst();
    }

    /**
     * The proposal: the earliest of those that are about as destructive as the worst one and lie within an hour before
     * it, because an attack often takes several transactions.
     */
    public Optional<Candidate> proposal() {
        return worst().flatMap(worst -> candidates.stream()
                .filter(each -> each.score() >= worst.score() / 2)
                .filter(each -> !each.target().isAfter(worst.target()))
                .filter(each ->
                        Duration.between(each.commitTime(), worst.commitTime()).compareTo(SERIES) <= 0)
                .min(Comparator.comparing(Candidate::target)));
    }
}
