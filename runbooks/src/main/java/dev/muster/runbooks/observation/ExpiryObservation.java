package dev.muster.runbooks.observation;

import java.time.Instant;
import java.util.List;

/**
 * What an expiry would take away now, by the policy of the runbook that asks.
 *
 * @param going committed backups that no rule keeps, oldest first
 * @param cleaned what does not count and is left over
 * @param staying committed backups that stay, newest first, at most {@link #MOST_STAYING}
 * @param stayingMore how many further ones stay
 * @param waitingFor ids of backups that are being made; nothing is deleted while there are any
 */
public record ExpiryObservation(
        List<Going> going, List<Cleaned> cleaned, List<Staying> staying, int stayingMore, List<String> waitingFor) {
    /** Of those that go and of those that are cleaned up, each. */
    public static final int MOST = 500;

    public static final int MOST_STAYING = 100;

    public ExpiryObservation {
        going = List.copyOf(going);
        cleaned = List.copyOf(cleaned);
        staying = List.copyOf(staying);
        waitingFor = List.copyOf(waitingFor);
        if (going.size() > MOST || cleaned.size() > MOST || staying.size() > MOST_STAYING) {
            throw new IllegalArgumentException("More backups in one observation of an expiry than " + MOST);
        }
    }

    /**
     * @param kind such as {@code full}
     * @param why in words
     * @param bytes that its end sets free
     * @param neededBytes of it that stay, because backups that stay refer to them
     */
    public record Going(String backup, String kind, Instant committed, String why, long bytes, long neededBytes) {}

    /** @param why such as {@code DEAD}; docs/reference/retention.md lists them */
    public record Cleaned(String backup, String why, long bytes) {}

    /** @param why the rules, shortest form, such as {@code NEWEST, DAILY} */
    public record Staying(String backup, String kind, Instant committed, String why) {}
}
