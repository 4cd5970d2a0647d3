package dev.muster.runbooks;

import java.util.Map;

/**
 * What an expiry keeps of one database. A backup stays if any rule wants it.
 *
 * @param newest so many of the newest backups stay whatever the rules say, 1 or more
 * @param windowSeconds every point of this long until now can be recovered to; an hour or more
 * @param timeZone in which days, weeks, months and years begin, such as {@code Europe/Berlin}
 * @param rules for backups of kinds without rules of their own
 * @param kinds rules of single kinds, such as {@code archival}; these are judged among their own
 */
public record Retention(int newest, long windowSeconds, String timeZone, Rules rules, Map<String, Rules> kinds) {
    public static final int DEFAULT_NEWEST = 1;
    public static final long DEFAULT_WINDOW = 7 * 24 * 3600L;
    public static final long SHORTEST_WINDOW = 3600;

    public Retention {
        kinds = Map.copyOf(kinds);
        if (newest < 1 || windowSeconds < SHORTEST_WINDOW) {
            throw new IllegalArgumentException("A retention keeps the newest backup and an hour of WAL at least");
        }
    }

    /**
     * Counts of backups; 0 for a rule that there is not.
     *
     * @param last so many of the newest
     * @param withinSeconds all that are no older
     * @param hourly the newest of each of so many hours that have one, and so on
     */
    public record Rules(int last, long withinSeconds, int hourly, int daily, int weekly, int monthly, int yearly) {
        public Rules {
            if (last < 0 || withinSeconds < 0 || hourly < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0) {
                throw new IllegalArgumentException("A rule of retention is not negative");
            }
        }

        /** Whether they would keep nothing at all. */
        public boolean keepNothing() {
            return last == 0
                    && withinSeconds == 0
                    && hourly == 0
                    && daily == 0
                    && weekly == 0
                    && monthly == 0
                    && yearly == 0;
        }
    }
}
