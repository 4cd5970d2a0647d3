package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Since when the store lacks WAL that the server has: the time when the server first said that its WAL reaches beyond what
 * is durable. Bounded: under load neighbouring sayings become one, with the earlier time, so that the lag is never shown
 * too small. For one thread at a time.
 */
final class DurableLag {
    private static final int MAX_SAYINGS = 512;

    private record Saying(Lsn end, Instant at) {}

    private final ArrayDeque<Saying> sayings = new ArrayDeque<>();

    /** @param end of the server's WAL, as it said at that time */
    void serverHas(Lsn end, Instant at) {
        Saying last = sayings.peekLast();
        if (end.equals(Lsn.INVALID) || (last != null && !end.isAfter(last.end()))) {
            return;
        }
        if (sayings.size() == MAX_SAYINGS) {
            thin();
        }
        sayings.addLast(new Saying(end, at));
    }

    /**
     * A server is asked anew. What an earlier one said beyond this one's end will never come: it was lost with a failover.
     *
     * @param end of this server's WAL
     */
    void serverIsAt(Lsn end, Instant at) {
        Instant since = at;
        while (!sayings.isEmpty() && sayings.getLast().end().isAfter(end)) {
            since = sayings.removeLast().at();
        }
        serverHas(end, since);
    }

    /** Every second of two goes, and the later end takes the earlier time. */
    private void thin() {
        ArrayDeque<Saying> kept = new ArrayDeque<>();
        while (!sayings.isEmpty()) {
            Saying first = sayings.removeFirst();
            Saying second = sayings.pollFirst();
            kept.addLast(second == null ? first : new Saying(second.end(), first.at()));
        }
        sayings.addAll(kept);
    }

    /** @return since when WAL beyond this is lacking; empty if none is */
    Optional<Instant> since(Lsn durable) {
        while (!sayings.isEmpty() && !sayings.getFirst().end().isAfter(durable)) {
            sayings.removeFirst();
        }
        return Optional.ofNullable(sayings.peekFirst()).map(Saying::at);
    }
}
