package dev.muster.postgres.retention;

import dev.muster.repository.expiry.Running;
import java.util.List;

/**
 * What an expiry of WAL did.
 *
 * @param objects how many were deleted
 * @param bytes of these
 * @param locked what could not be deleted yet; the next expiry tries again
 * @param doubts why WAL of a cluster stays
 * @param waitingFor backups that are being made; nothing was deleted then
 */
public record WalExpiryResult(
        long objects, long bytes, List<String> locked, List<String> doubts, List<Running> waitingFor) {
    public WalExpiryResult {
        locked = List.copyOf(locked);
        doubts = List.copyOf(doubts);
        waitingFor = List.copyOf(waitingFor);
    }
}
