package dev.muster.repository.expiry;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Paths;
import dev.muster.repository.retention.BackupOrder;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;

/**
 * How an expiry is carried out.
 *
 * @param deadAfter a backup that was begun and not decided is taken for dead when nothing of it was stored for so long,
 *     by the store's clock. Too short costs a backup that was still being made, and never a committed one
 * @param maxBackups a plan that would take away more committed backups is refused
 * @param order puts committed backups in their order, oldest first; it decides what is newer, so it should not come from clocks
 *     where there is something better, such as timelines and positions
 * @param named ids of committed backups that are to go whatever the rules say; marks are stronger
 */
public record ExpirySettings(Duration deadAfter, int maxBackups, BackupOrder order, Set<String> named) {
    /** Longer than a store is down, and than any pause in a backup that still goes on. */
    public static final Duration DEFAULT_DEAD_AFTER = Duration.ofDays(2);

    public ExpirySettings {
        if (deadAfter.isNegative() || maxBackups < 0) {
            throw new IllegalArgumentException("Not settings: dead after " + deadAfter + ", at most " + maxBackups);
        }
        named = Set.copyOf(named);
        // Refuses what is no id, before anything is looked at.
        named.forEach(id -> Paths.backup("any", id));
    }

    /** Two days, no bound, in the order of ids. */
    public static ExpirySettings defaults() {
        return new ExpirySettings(
                DEFAULT_DEAD_AFTER,
                Integer.MAX_VALUE,
                backups -> backups.stream()
                        .sorted(Comparator.comparing(CommittedBackup::id))
                        .toList(),
                Set.of());
    }

    public ExpirySettings withMaxBackups(int count) {
        return new ExpirySettings(deadAfter, count, order, named);
    }

    public ExpirySettings withOrder(BackupOrder by) {
        return new ExpirySettings(deadAfter, maxBackups, by, named);
    }

    public ExpirySettings withNamed(Set<String> ids) {
        return new ExpirySettings(deadAfter, maxBackups, order, ids);
    }
}
