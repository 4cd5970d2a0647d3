package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.replication.ServerError;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives a cluster's WAL into the repository, all the time, on a thread of its own. The server's slot holds back what
 * is not yet durable in the store; so whatever dies, here, there or in the store, receiving goes on where it was and
 * leaves no gap. Where that is impossible it says so and never skips.
 */
public final class WalReceiver implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WalReceiver.class);
    private static final Duration GRACE = Duration.ofSeconds(10);
    /** Trouble that only a person can end; tried again all the same, since the cause may be repaired on the server. */
    private static final Set<String> NEEDS_A_PERSON =
            Set.of("SLOT_LOST", "WAL_CONFLICT", "TIMELINE_BEHIND", "TIMELINE_DIVERGED", "SERVER_BEHIND_STORE");

    /** SQLSTATEs of a slot that was invalidated and of WAL that has been removed. */
    private static final Set<String> LOST_ON_SERVER = Set.of("55000", "58P01");

    private static final String SLOT_IN_USE = "55006";

    /**
     * @param slot the physical replication slot, created when it is missing; for this receiver only
     * @param flushAge received bytes are durable in the store at most this much later, plus the time to store them
     * @param flushBytes or when so many have come
     * @param retryFirst the wait after the first failure; doubled with each further one
     * @param retryLongest the longest wait between attempts
     * @param acceptGap go on with the server's oldest WAL when some that is needed has been lost there. Backups from
     *     before such a gap cannot be recovered beyond it
     * @param silence a server that is not heard for so long, though it is asked, is taken for lost and connected anew
     */
    public record Settings(
            String slot,
            Duration flushAge,
            int flushBytes,
            Duration retryFirst,
            Duration retryLongest,
            boolean acceptGap,
            Duration silence) {
        private static final Duration SILENCE = Duration.ofSeconds(30);

        public Settings {
            if (flushAge.isNegative()
                    || flushBytes < 1
                    || retryFirst.isNegative()
                    || retryFirst.isZero()
                    || silence.toMillis() < 1) {
                throw new IllegalArgumentException("A WAL receiver's limits must be positive.");
            }
        }

        public Settings(
                String slot,
                Duration flushAge,
                int flushBytes,
                Duration retryFirst,
                Duration retryLongest,
                boolean acceptGap) {
            this(slot, flushAge, flushBytes, retryFirst, retryLongest, acceptGap, SILENCE);
        }

        public static Settings defaults(String slot) {
            return new Settings(
                    slot, Duration.ofMillis(500), 8 << 20, Duration.ofMillis(100), Duration.ofSeconds(10), false);
        }
    }

    /** What a receiver is doing. */
    public enum State {
        /** Not started, or stopped. */
        STOPPED,
        /** Connecting and finding out where to go on. */
        CONNECTING,
        /** Receiving. */
        STREAMING,
        /** Something failed, and it tries again by itself. */
        RETRYING,
        /** A person must act: see the last error. */
        BROKEN
    }

    /** A failure, for people. */
    public record Failure(String code, String message, String hint, Instant at) {}

    /**
     * A snapshot.
     *
     * @param systemId the cluster's identity, once known
     * @param timeline the timeline that is received; 0 before the first connection
     * @param received end of the WAL that has arrived; {@link Lsn#INVALID} before the first
     * @param durable end of the WAL that is safe in the store
     * @param serverEnd end of the server's WAL when it last said so
     * @param lastContact when the server was last heard
     * @param behindSince since when the store lacks WAL that the server has; empty while it lacks none
     * @param lastError the newest failure, also when it is over
     */
    public record Status(
            State state,
            Optional<String> systemId,
            int timeline,
            Lsn received,
            Lsn durable,
            Lsn serverEnd,
            Optional<Instant> lastContact,
            Optional<Instant> behindSince,
            Optional<Failure> lastError) {

        /** Bytes that the server has and the store has not. */
        public long lagBytes() {
            return Math.max(0, serverEnd.minus(durable));
        }

        /** How old the oldest WAL is that the server has and the store has not; what a loss of the server would cost now. */
        public Duration lag(Instant now) {
            return behindSince
                    .map(since -> Duration.between(since, now))
                    .filter(lag -> !lag.isNegative())
                    .orElse(Duration.ZERO);
        }

        private Status with(State newState, Optional<Failure> newError) {
            return new Status(
                    newState, systemId, timeline, received, durable, serverEnd, lastContact, behindSince, newError);
        }
    }

    /** Opens the archive of the cluster that the server turns out to be. */
    interface Archives {
        WalArchive open(String systemId, int segmentSize);
    }

    private final ServerAddress address;
    private final Archives archives;
    private final Settings settings;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Status status = new Status(
            State.STOPPED,
            Optional.empty(),
            0,
            Lsn.INVALID,
            Lsn.INVALID,
            Lsn.INVALID,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    private final DurableLag lag = new DurableLag();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Optional<ReplicationConnection> connection = Optional.empty();
    private Optional<Thread> thread = Optional.empty();

    /**
     * @param address of the server, as a role with REPLICATION
     * @param source what the WAL belongs to in the repository, such as {@code orders-main}
     */
    public WalReceiver(ServerAddress address, Repository repository, String source, Settings settings, Clock clock) {
        this(
                address,
                (systemId, segmentSize) -> new WalArchive(repository, source, systemId, segmentSize),
                settings,
                clock);
    }

    WalReceiver(ServerAddress address, Archives archives, Settings settings, Clock clock) {
        this.address = address;
        this.archives = archives;
        this.settings = settings;
        this.clock = clock;
    }

    /** Starts to receive; a receiver is started once. */
    public synchronized void start() {
        if (thread.isPresent()) {
            throw new IllegalStateException("This WAL receiver has been started before.");
        }
        Thread started = new Thread(this::run, "wal-receiver-" + settings.slot());
        started.setDaemon(true);
        thread = Optional.of(started);
        started.start();
    }

    public Status status() {
        lock.lock();
        try {
            return status;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all WAL before a position is safe in the store; false if it is not within the limit. */
    public boolean awaitDurable(Lsn lsn, Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (status.durable().isBefore(lsn)) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    void update(java.util.function.UnaryOperator<Status> change) {
        lock.lock();
        try {
            status = change.apply(status);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Guarded by the lock of {@link #update}. */
    DurableLag lag() {
        return lag;
    }

    void serverIsAt(Lsn end) {
        update(now -> {
            lag.serverIsAt(end, clock.instant());
            return new Status(
                    now.state(),
                    now.systemId(),
                    now.timeline(),
                    now.received(),
                    now.durable(),
                    end,
                    Optional.of(clock.instant()),
                    lag.since(now.durable()),
                    now.lastError());
        });
    }

    boolean closing() {
        return closing.getCount() == 0;
    }

    private void run() {
        long pause = settings.retryFirst().toMillis();
        ReceivingSession.Resume resume = ReceivingSession.Resume.STORE;
        while (!closing()) {
            state(State.CONNECTING);
            try (ReplicationConnection opened = ReplicationConnection.open(address, "muster-wal", clock)) {
                connection = Optional.of(opened);
                ReceivingSession session = new ReceivingSession(this, opened, archives, settings, clock, resume);
                boolean streamed = session.run();
                pause = streamed ? settings.retryFirst().toMillis() : pause;
                resume = ReceivingSession.Resume.STORE;
            } catch (RuntimeException | Error e) {
                // Also an error such as too little memory: a receiver that ends silently would be found too late.
                if (closing()) {
                    break;
                }
                boolean broken = failed(e);
                resume = after(resume, e);
                boolean skips = resume != ReceivingSession.Resume.STORE;
                pause = broken && !skips ? settings.retryLongest().toMillis() : pause;
            } finally {
                connection = Optional.empty();
            }
            pause = pause(pause);
        }
        state(State.STOPPED);
    }

    private ReceivingSession.Resume after(ReceivingSession.Resume before, Throwable trouble) {
        if (!settings.acceptGap() || !isLost(trouble)) {
            return ReceivingSession.Resume.STORE;
        }
        return before == ReceivingSession.Resume.STORE
                ? ReceivingSession.Resume.SLOT
                : ReceivingSession.Resume.NEW_SLOT;
    }

    /** Ends at once when the receiver is closed: whoever closes it waits for the thread. */
    private long pause(long millis) {
        try {
            if (closing.await(millis, TimeUnit.MILLISECONDS)) {
                return millis;
            }
        } catch (InterruptedException e) {
            // Closing: the loop looks.
        }
        return Math.min(millis * 2, settings.retryLongest().toMillis());
    }

    private void state(State state) {
        update(now -> now.with(
                // A broken one stays so until it receives again.
                state == State.CONNECTING && (now.state() == State.BROKEN || now.state() == State.RETRYING)
                        ? now.state()
                        : state,
                now.lastError()));
    }

    private boolean failed(Throwable trouble) {
        Failure failure = failure(trouble);
        boolean broken = NEEDS_A_PERSON.contains(failure.code());
        boolean repeated = status().lastError()
                .map(last -> last.message().equals(failure.message()))
                .orElse(false);
        if (repeated) {
            log.debug("WAL receiver of slot {} at {}: {}", settings.slot(), address, failure.message());
        } else {
            log.warn("WAL receiver of slot {} at {}: {}", settings.slot(), address, failure.message(), trouble);
        }
        update(now -> now.with(broken ? State.BROKEN : State.RETRYING, Optional.of(failure)));
        return broken;
    }

    private static boolean isLost(Throwable trouble) {
        return trouble instanceof ServerError error && LOST_ON_SERVER.contains(error.sqlState());
    }

    private Failure failure(Throwable trouble) {
        Instant at = clock.instant();
        if (isLost(trouble)) {
            return new Failure(
                    "SLOT_LOST",
                    "The server no longer has WAL that the store needs: " + trouble.getMessage(),
                    "Raise max_slot_wal_keep_size. Recovery across this gap is impossible: let the receiver accept the"
                            + " gap and take a new backup.",
                    at);
        }
        if (trouble instanceof ServerError error && error.sqlState().equals(SLOT_IN_USE)) {
            return new Failure(
                    "SLOT_IN_USE",
                    "Somebody else receives over the replication slot " + settings.slot() + ": " + trouble.getMessage(),
                    "One receiver for each slot: end the other one, or name another slot. One that was killed is noticed"
                            + " by the server within a minute.",
                    at);
        }
        if (trouble instanceof PostgresException known) {
            return new Failure(known.code(), String.valueOf(known.getMessage()), known.hint(), at);
        }
        if (trouble instanceof StoreException known) {
            return new Failure(known.code(), String.valueOf(known.getMessage()), known.hint(), at);
        }
        if (trouble instanceof RepositoryException known) {
            return new Failure(known.code(), String.valueOf(known.getMessage()), known.hint(), at);
        }
        return new Failure(
                "WAL_RECEIVER_FAILED",
                "The WAL receiver failed: " + trouble,
                "Read the worker's log; the server keeps the WAL meanwhile.",
                at);
    }

    /** Stores what has been received and ends; waits for that at most 10 s. */
    @Override
    public void close() {
        closing.countDown();
        Optional<Thread> running;
        synchronized (this) {
            running = thread;
        }
        running.ifPresent(receiver -> {
            try {
                // First the quiet way: the loop looks several times a second.
                receiver.join(GRACE.toMillis() / 2);
                abort();
                receiver.join(GRACE.toMillis() / 2);
            } catch (InterruptedException e) {
                abort();
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Ends at once and stores nothing more, as a kill would. */
    void abort() {
        closing.countDown();
        connection.ifPresent(ReplicationConnection::close);
        synchronized (this) {
            thread.ifPresent(Thread::interrupt);
        }
    }
}
