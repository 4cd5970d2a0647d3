package dev.muster.postgres.fence;

import dev.muster.postgres.PostgresException;
import java.time.Clock;
import java.time.Duration;

/**
 * Fences the PostgreSQL of this host: the fence is on the disk first, then the server is stopped, then it is proved down.
 * Killed in between, a repeat goes on; a reboot in between finds a starter that refuses.
 */
public final class HostFence {
    private final FenceFolder folder;
    private final HostServer server;
    private final Clock clock;

    public HostFence(FenceFolder folder, HostServer server, Clock clock) {
        this.folder = folder;
        this.server = server;
        this.clock = clock;
    }

    public FenceState state() {
        return folder.state();
    }

    /**
     * Returns only when the server is proved down. The same order again does and says the same.
     *
     * @throws PostgresException FENCE_NOT_PROVED: the fence is set, whether the server writes is unknown; FENCE_EPOCH_OLD,
     *     FENCE_EPOCH_TAKEN, FENCE_LIFTED and those of {@link FenceFolder#state}: nothing was done
     */
    public FencedServer fence(FenceOrder order, StopBounds bounds) {
        FenceState state = folder.change(before -> fenced(before, order));
        long start = System.nanoTime();
        StopStep step = server.stop(bounds);
        DownProof proof = server.proof();
        if (!proof.proved()) {
            throw notProved(proof);
        }
        return new FencedServer(state, step, proof, Duration.ofNanos(System.nanoTime() - start));
    }

    private FenceState fenced(FenceState before, FenceOrder order) {
        if (order.epoch() < before.epoch()) {
            throw old(order.epoch(), before);
        }
        if (order.epoch() > before.epoch()) {
            return before.fencedBy(order, clock.instant());
        }
        if (!order.run().equals(before.run())) {
            throw taken(order.epoch(), before);
        }
        if (!before.fenced()) {
            throw new PostgresException(
                    "FENCE_LIFTED",
                    "The fence of epoch " + order.epoch() + " was lifted; an order of that epoch comes too late",
                    "A run that fences again has a higher epoch. Nothing was stopped.");
        }
        return before;
    }

    /**
     * Lets the starter start PostgreSQL again; starts nothing. Only a step of its own that a person approved calls this,
     * never an undo. Where nothing is fenced, nothing changes.
     *
     * @throws PostgresException FENCE_EPOCH_OLD, FENCE_EPOCH_TAKEN, and those of {@link FenceFolder#state}
     */
    public FenceState lift(FenceLift lift) {
        return folder.change(before -> {
            if (lift.epoch() < before.epoch()) {
                throw old(lift.epoch(), before);
            }
            if (lift.epoch() == before.epoch() && !lift.run().equals(before.run())) {
                throw taken(lift.epoch(), before);
            }
            return before.fenced() ? before.liftedBy(lift, clock.instant()) : before;
        });
    }

    /** Stops a server that runs although it must not; the caller has looked at why. */
    FencedServer enforce(FenceState state, StopBounds bounds) {
        long start = System.nanoTime();
        StopStep step = server.stop(bounds);
        DownProof proof = server.proof();
        if (!proof.proved()) {
            throw notProved(proof);
        }
        return new FencedServer(state, step, proof, Duration.ofNanos(System.nanoTime() - start));
    }

    private PostgresException notProved(DownProof proof) {
        return new PostgresException(
                "FENCE_NOT_PROVED",
                "The fence of " + server.dataDirectory() + " is set, but the server is not proved down: "
                        + String.join("; ", proof.findings()),
                "Promote nothing on this ground. Does the worker run as PostgreSQL's user and in its process namespace?"
                        + " Else fence from outside.");
    }

    private static PostgresException old(long epoch, FenceState state) {
        return new PostgresException(
                "FENCE_EPOCH_OLD",
                "This host has seen epoch " + state.epoch() + " (run " + state.run() + "); epoch " + epoch
                        + " is older. Nothing was done",
                "A later run has taken over the system; look at that one.");
    }

    private static PostgresException taken(long epoch, FenceState state) {
        return new PostgresException(
                "FENCE_EPOCH_TAKEN",
                "Epoch " + epoch + " belongs to run " + state.run() + " on this host. Nothing was done",
                "Two runs have one epoch: was the Temporal server restored from a backup? Start a new run.");
    }
}
