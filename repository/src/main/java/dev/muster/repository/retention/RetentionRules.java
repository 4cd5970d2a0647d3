package dev.muster.repository.retention;

import dev.muster.repository.RepositoryException;
import java.time.Duration;

/**
 * How many backups are kept. A backup is kept if any of these wants it. Hours to years count only those in which there
 * is a backup, and take the newest of each; so nothing expires just because no new backups are made.
 *
 * @param last so many of the newest
 * @param within all that are no older; zero for none by age
 * @param hourly newest backup of each of so many hours, and so on
 * @param weekly weeks of ISO 8601, beginning on Monday
 */
public record RetentionRules(int last, Duration within, int hourly, int daily, int weekly, int monthly, int yearly) {
    /** More than anybody has: every backup is among the last ones. */
    static final int MOST = 100_000;

    private static final Duration LONGEST = Duration.ofDays(36_525);

    /** @throws RepositoryException RETENTION_INVALID for a number that cannot be, or if nothing would be kept */
    public RetentionRules {
        for (int count : new int[] {last, hourly, daily, weekly, monthly, yearly}) {
            if (count < 0 || count > MOST) {
                throw invalid("a count of " + count + " cannot be");
            }
        }
        if (within.isNegative() || within.compareTo(LONGEST) > 0) {
            throw invalid("an age of " + within + " cannot be");
        }
        boolean counts = last > 0 || hourly > 0 || daily > 0 || weekly > 0 || monthly > 0 || yearly > 0;
        if (!counts && within.isZero()) {
            throw invalid("they would keep nothing");
        }
    }

    /** So many of the newest. */
    public static RetentionRules last(int count) {
        return new RetentionRules(count, Duration.ZERO, 0, 0, 0, 0, 0);
    }

    /** Every backup, but for those that are named. */
    public static RetentionRules all() {
        return last(MOST);
    }

    /** All that are no older. */
    public static RetentionRules within(Duration age) {
        return new RetentionRules(0, age, 0, 0, 0, 0, 0);
    }

    /** Grandfather, father, son. */
    public static RetentionRules generations(int daily, int weekly, int monthly, int yearly) {
        return new RetentionRules(0, Duration.ZERO, 0, daily, weekly, monthly, yearly);
    }

    static RepositoryException invalid(String why) {
        return new RepositoryException(
                "RETENTION_INVALID",
                "These are no rules for what is kept: " + why + ".",
                "Counts from 0 to " + MOST
                        + ", an age of at most 100 years, at least one of them above 0. A backup that"
                        + " is to go is named by its id.");
    }
}
