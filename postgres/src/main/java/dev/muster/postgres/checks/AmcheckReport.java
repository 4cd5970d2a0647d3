package dev.muster.postgres.checks;

import java.util.List;

/**
 * What amcheck found.
 *
 * @param heaps tables that were checked
 * @param indexes B-tree indexes that were checked
 * @param findings damage, at most a thousand of them listed
 * @param notChecked what could not be checked, and why: never to be taken for sound
 */
public record AmcheckReport(long heaps, long indexes, List<Finding> findings, List<NotChecked> notChecked) {
    /**
     * Damage.
     *
     * @param block of the heap, or -1 where amcheck names none
     */
    public record Finding(String database, String relation, long block, String message) {}

    /** @param relation empty: the whole database */
    public record NotChecked(String database, String relation, String reason) {}

    /** Whether everything was checked and nothing was found. */
    public boolean passed() {
        return findings.isEmpty() && notChecked.isEmpty();
    }
}
