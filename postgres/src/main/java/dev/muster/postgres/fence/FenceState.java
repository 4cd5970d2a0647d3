package dev.muster.postgres.fence;

import java.time.Instant;

/**
 * What this host knows about the fence of one cluster.
 *
 * @param epoch the highest that fenced or lifted here; 0 if none did
 * @param run empty at epoch 0
 * @param since of the fence or of its lifting
 * @param leaseRequired whether PostgreSQL may take writes only while a keeper proves that it holds the lease
 * @param dataDirectory absolute
 */
public record FenceState(
        boolean fenced,
        long epoch,
        String run,
        String reason,
        String by,
        Instant since,
        boolean leaseRequired,
        String dataDirectory) {

    FenceState fencedBy(FenceOrder order, Instant now) {
        return new FenceState(
                true, order.epoch(), order.run(), order.reason(), order.by(), now, leaseRequired, dataDirectory);
    }

    FenceState liftedBy(FenceLift lift, Instant now) {
        return new FenceState(
                false, lift.epoch(), lift.run(), "lifted", lift.approvedBy(), now, leaseRequired, dataDirectory);
    }

    FenceState withLease(boolean required) {
        return new FenceState(fenced, epoch, run, reason, by, since, required, dataDirectory);
    }
}
