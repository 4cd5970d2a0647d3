package dev.muster.postgres.retention;

import dev.muster.postgres.PostgresException;
import java.time.Duration;

/**
 * Which WAL is kept.
 *
 * @param window every point of this long until now can be recovered to, as far as backups go; at least an hour
 * @param partsAfter parts of a segment go when the whole one was stored so long ago, by the store's clock: who was
 *     reading them has ended
 */
public record WalPolicy(Duration window, Duration partsAfter) {
    /** What PRODUCT promises where nothing else is said. */
    public static final Duration DEFAULT_WINDOW = Duration.ofDays(7);

    private static final Duration SHORTEST = Duration.ofHours(1);

    /** @throws PostgresException WAL_WINDOW_INVALID */
    public WalPolicy {
        if (window.compareTo(SHORTEST) < 0 || partsAfter.isNegative()) {
            throw new PostgresException(
                    "WAL_WINDOW_INVALID",
                    "Not a window of points that can be recovered to: " + window + ".",
                    "At least an hour; 7 days where nothing else is known.");
        }
    }

    public static WalPolicy window(Duration length) {
        return new WalPolicy(length, SHORTEST);
    }
}
