package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a timeline came to be: its ancestors, oldest first, and where each was left.
 *
 * @param timeline the timeline that this is the history of
 * @param ancestors oldest first; empty for timeline 1
 */
public record TimelineHistory(int timeline, List<Ancestor> ancestors) {
    /**
     * @param timeline an older timeline
     * @param end position at which the next one leaves it
     */
    public record Ancestor(int timeline, Lsn end) {}

    public TimelineHistory {
        ancestors = List.copyOf(ancestors);
    }

    /** The history of a timeline that has no history file. */
    public static TimelineHistory first() {
        return new TimelineHistory(1, List.of());
    }

    /** @throws PostgresException HISTORY_DAMAGED if a line is not "timeline position ..." or the order is wrong */
    public static TimelineHistory parse(int timeline, byte[] content) {
        List<Ancestor> ancestors = new ArrayList<>();
        int last = 0;
        // Comments may hold any bytes, such as a restore point's name.
        for (String line : new String(content, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] fields = text.split("\\s+", 3);
            try {
                Ancestor ancestor = new Ancestor(Integer.parseInt(fields[0]), Lsn.parse(fields[1]));
                if (ancestor.timeline() <= last || ancestor.timeline() >= timeline) {
                    throw damaged(timeline, text, null);
                }
                last = ancestor.timeline();
                ancestors.add(ancestor);
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw damaged(timeline, text, e);
            }
        }
        return new TimelineHistory(timeline, ancestors);
    }

    private static PostgresException damaged(
            int timeline, String line, @org.jspecify.annotations.Nullable Exception cause) {
        String message = "History file of timeline " + timeline + " has a line that cannot be: '" + line + "'";
        String hint = "Compare it with the file in pg_wal of a server on that timeline.";
        return cause == null
                ? new PostgresException("HISTORY_DAMAGED", message, hint)
                : new PostgresException("HISTORY_DAMAGED", message, hint, cause);
    }

    /** Whether WAL of {@code other} is part of this history. */
    public boolean contains(int other) {
        return other == timeline || endOf(other).isPresent();
    }

    /** Where an ancestor was left; empty for this timeline itself and for strangers. */
    public Optional<Lsn> endOf(int ancestor) {
        return ancestors.stream()
                .filter(one -> one.timeline() == ancestor)
                .map(Ancestor::end)
                .findFirst();
    }

    /** Where the given timeline begins on this path; position 0 for the oldest. */
    public Lsn startOf(int member) {
        Lsn start = Lsn.INVALID;
        for (Ancestor ancestor : ancestors) {
            if (ancestor.timeline() == member) {
                return start;
            }
            start = ancestor.end();
        }
        return start;
    }

    /** The timeline whose WAL holds the byte at a position on this path. */
    public int timelineAt(Lsn position) {
        for (Ancestor ancestor : ancestors) {
            if (position.isBefore(ancestor.end())) {
                return ancestor.timeline();
            }
        }
        return timeline;
    }

    /** The ancestors and this timeline, newest first: the order in which PostgreSQL looks for a segment. */
    public List<Integer> newestFirst() {
        List<Integer> path = new ArrayList<>();
        path.add(timeline);
        for (int i = ancestors.size() - 1; i >= 0; i--) {
            path.add(ancestors.get(i).timeline());
        }
        return path;
    }
}
