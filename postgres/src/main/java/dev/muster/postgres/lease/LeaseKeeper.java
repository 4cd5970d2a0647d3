package dev.muster.postgres.lease;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.fence.BootClock;
import dev.muster.postgres.fence.DownProof;
import dev.muster.postgres.fence.FenceFolder;
import dev.muster.postgres.fence.HostServer;
import dev.muster.postgres.fence.LeaseProof;
import dev.muster.postgres.fence.StopStep;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Holds the lease of a primary: renews it, and stops PostgreSQL when it is lost or was not renewed in time. The starter,
 * which is PostgreSQL's parent, does the same from the proof that is written here, should this process be dead or frozen.
 * Losing is final: a new keeper has to acquire again.
 */
public final class LeaseKeeper implements AutoCloseable {
    private static final long BETWEEN_LOOKS = 20_000_000;
    private static final long BETWEEN_ATTEMPTS = 100_000_000;

    private final EtcdLease lease;
    private final LeaseTiming timing;
    private final BootClock clock;
    private final FenceFolder folder;
    private final HostServer server;
    private final LeaseListener listener;
    private final AtomicBoolean lost = new AtomicBoolean();
    private final Object holding = new Object();
    private volatile boolean closed;
    private volatile @Nullable LeaseHold hold;
    private @Nullable FileChannel channel;
    private @Nullable Thread renewing;
    private @Nullable Thread watching;

    public LeaseKeeper(
            EtcdLease lease,
            LeaseTiming timing,
            BootClock clock,
            FenceFolder folder,
            HostServer server,
            LeaseListener listener) {
        this.lease = lease;
        this.timing = timing;
        this.clock = clock;
        this.folder = folder;
        this.server = server;
        this.listener = listener;
    }

    /**
     * Acquires the lease and keeps it. When it returns, the starter may start PostgreSQL as a primary, or a standby be
     * promoted.
     *
     * @throws PostgresException LEASE_KEEPER_TAKEN, and those of {@link EtcdLease#acquire}
     */
    public void start() {
        lockFolder();
        try {
            LeaseHold acquired = lease.acquire();
            prove(acquired);
            hold = acquired;
        } catch (RuntimeException e) {
            unlockFolder();
            throw e;
        }
        watching = daemon("lease-watch", this::watch);
        renewing = daemon("lease-renewal", this::keep);
    }

    /** Whether the lease holds now, by this host's clock. */
    public boolean holds() {
        LeaseHold now = hold;
        return now != null && !lost.get() && clock.millis() < timing.stopAt(now.sent());
    }

    /**
     * Gives the lease up, so that another need not wait until it runs out.
     *
     * @throws PostgresException LEASE_STILL_NEEDED if the server is not proved down: nothing was given up
     */
    public void release() {
        DownProof proof = server.proof();
        if (!proof.proved()) {
            throw new PostgresException(
                    "LEASE_STILL_NEEDED",
                    "The lease is not given up, for the server is not proved down: "
                            + String.join("; ", proof.findings()),
                    "Fence or stop the server first.");
        }
        synchronized (holding) {
            LeaseHold last = hold;
            LeaseProof.withdraw(folder.leaseProof());
            lost.set(true);
            hold = null;
            if (last != null) {
                lease.release(last);
            }
        }
        close();
    }

    /** Renews no more and gives nothing up: PostgreSQL stops when the proof is old, unless a successor acquires before. */
    @Override
    public void close() {
        closed = true;
        join(renewing);
        join(watching);
        unlockFolder();
    }

    private void keep() {
        while (!closed && !lost.get()) {
            if (renewalIsDue()) {
                renew();
            } else {
                LockSupport.parkNanos(BETWEEN_LOOKS);
            }
        }
    }

    private boolean renewalIsDue() {
        LeaseHold now = hold;
        return now != null && clock.millis() >= now.sent() + timing.renewEvery().toMillis();
    }

    private void renew() {
        try {
            synchronized (holding) {
                LeaseHold now = hold;
                if (now == null || lost.get()) {
                    return;
                }
                LeaseHold renewed = lease.renew(now);
                prove(renewed);
                hold = renewed;
            }
            if (server.runs() && !server.guarded()) {
                listener.unguarded();
            }
        } catch (PostgresException e) {
            if (e.code().equals("LEASE_LOST")) {
                lose(e.getMessage());
            } else {
                listener.renewalFailed(e);
                LockSupport.parkNanos(BETWEEN_ATTEMPTS);
            }
        } catch (RuntimeException e) {
            // A full disk, say: what is not proved to the starter is not held. It is tried again until it is too late.
            listener.renewalFailed(e);
            LockSupport.parkNanos(BETWEEN_ATTEMPTS);
        }
    }

    /** Apart from the renewals, which may hang for as long as an exchange may take. */
    private void watch() {
        while (!closed && !lost.get()) {
            LeaseHold now = hold;
            try {
                if (now != null && clock.millis() >= timing.stopAt(now.sent())) {
                    lose("no renewal within "
                            + timing.ttl().minus(timing.drift()).minus(timing.stop()));
                }
            } catch (RuntimeException e) {
                lose("the clock cannot be read: " + e.getMessage());
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
    }

    private void lose(@Nullable String why) {
        if (!lost.compareAndSet(false, true)) {
            return;
        }
        LeaseHold last = hold;
        try {
            LeaseProof.withdraw(folder.leaseProof());
        } catch (RuntimeException e) {
            // The starter then stops it when the proof is old, a moment later.
            listener.renewalFailed(e);
        }
        try {
            long killAt = last == null ? 0 : timing.killAt(last.sent());
            StopStep step = server.stopNow(clock::millis, killAt, Duration.ofSeconds(10));
            listener.lost(String.valueOf(why), step, server.proof());
        } catch (RuntimeException e) {
            listener.stopFailed(e);
        }
    }

    /** A proof that is too old when it is written is none, and must not look like one. */
    private void prove(LeaseHold held) {
        long now = clock.millis();
        if (lost.get() || now >= timing.stopAt(held.sent())) {
            throw new PostgresException(
                    "LEASE_TOO_SLOW",
                    "The answer of etcd came " + (now - held.sent()) + " ms after the request: too late to be of use",
                    "Is etcd's disk or the network slow? A longer ttl bears more.");
        }
        new LeaseProof(
                        held.sent(),
                        timing.stopAt(held.sent()),
                        timing.killAt(held.sent()),
                        timing.until(held.sent()),
                        lease.self().holder(),
                        lease.self().epoch())
                .write(folder.leaseProof());
    }

    /** Two keepers of one member would each take the other's renewals for their own. */
    private void lockFolder() {
        try {
            FileChannel opened = FileChannel.open(
                    folder.path().resolve("keeper.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel = opened;
            FileLock locked = opened.tryLock();
            if (locked != null) {
                return;
            }
        } catch (IOException | OverlappingFileLockException e) {
            unlockFolder();
            throw taken(e);
        }
        unlockFolder();
        throw taken(null);
    }

    private PostgresException taken(@Nullable Exception cause) {
        String message = "Another process keeps the lease of this host, or " + folder.path() + " cannot be written";
        String hint = "One host worker per member. A frozen one holds on too: end it.";
        return cause == null
                ? new PostgresException("LEASE_KEEPER_TAKEN", message, hint)
                : new PostgresException("LEASE_KEEPER_TAKEN", message, hint, cause);
    }

    private void unlockFolder() {
        FileChannel opened = channel;
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(@Nullable Thread thread) {
        if (thread == null || thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(20).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
