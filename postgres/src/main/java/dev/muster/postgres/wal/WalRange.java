package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;

/**
 * WAL that is in the store without a gap.
 *
 * @param timeline the timeline it belongs to
 * @param from position of the first byte
 * @param to position after the last byte
 */
public record WalRange(int timeline, Lsn from, Lsn to) {
    public boolean covers(Lsn first, Lsn last) {
        return !first.isBefore(from) && !last.isAfter(to);
    }
}
