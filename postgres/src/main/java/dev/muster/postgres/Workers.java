package dev.muster.postgres;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The same work on several threads at once, which share a queue. */
public final class Workers {
    private Workers() {}

    /** What each thread does, to its end. */
    public interface Work {
        void run() throws IOException;
    }

    /**
     * Runs the work on some threads and waits for all of them.
     *
     * @param stop is called after a failure or an interrupt, so that the other threads end soon
     * @return CPU seconds that the threads used
     * @throws IOException the first thread's failure; those of others are suppressed in it
     * @throws PostgresException CANCELLED if the calling thread was interrupted
     */
    public static double run(int threads, String name, Work work, Runnable stop) throws IOException {
        AtomicLong cpuNanos = new AtomicLong();
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<@Nullable Void>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(() -> {
                    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                    boolean complete = false;
                    try {
                        work.run();
                        complete = true;
                    } finally {
                        if (!complete) {
                            stop.run();
                        }
                        cpuNanos.addAndGet(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
                    }
                    return null;
                }));
            }
            await(running);
            return cpuNanos.get() / 1e9;
        } catch (InterruptedException e) {
            stop.run();
            executor.shutdownNow();
            Thread.currentThread().interrupt();
            throw new PostgresException(
                    "CANCELLED", "The copying was cancelled", "The worker is stopping, or the run was cancelled.", e);
        } finally {
            executor.shutdown();
        }
    }

    private static void await(List<Future<@Nullable Void>> running) throws IOException, InterruptedException {
        @Nullable Throwable first = null;
        for (Future<@Nullable Void> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                if (first == null) {
                    first = cause;
                } else {
                    first.addSuppressed(cause);
                }
            }
        }
        if (first instanceof IOException known) {
            throw known;
        }
        if (first instanceof RuntimeException known) {
            throw known;
        }
        if (first != null) {
            throw new IllegalStateException("A copying thread failed", first);
        }
    }
}
