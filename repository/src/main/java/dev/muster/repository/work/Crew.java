package dev.muster.repository.work;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Threads for pieces of work that come faster than they are done: who hands one over waits while too many are waiting, so
 * that memory stays bounded. The first piece that fails ends it for all. For one thread that hands over.
 */
public final class Crew implements AutoCloseable {
    private static final int WAITING_PER_THREAD = 4;

    private final ExecutorService threads;
    private final Semaphore room;
    private final int capacity;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** @param threads 1 or more */
    public Crew(int threads) {
        this.threads = Executors.newFixedThreadPool(threads);
        this.capacity = threads * WAITING_PER_THREAD;
        this.room = new Semaphore(capacity);
    }

    /** Does it soon, or throws what an earlier piece failed with. */
    public void submit(Runnable piece) {
        acquire(1);
        boolean handedOver = false;
        try {
            throwFailure();
            threads.execute(() -> {
                try {
                    if (failure.get() == null) {
                        piece.run();
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    room.release();
                }
            });
            handedOver = true;
        } finally {
            if (!handedOver) {
                room.release();
            }
        }
    }

    /** Waits until all is done, or throws what failed first. */
    public void finish() {
        acquire(capacity);
        room.release(capacity);
        throwFailure();
    }

    /** What is under way ends before this returns: nobody writes to a store that its user has given up. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (threads.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void acquire(int permits) {
        try {
            room.acquire(permits);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The work was interrupted", e);
        }
    }

    private void throwFailure() {
        Throwable failed = failure.get();
        if (failed instanceof Error error) {
            throw error;
        }
        if (failed instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
