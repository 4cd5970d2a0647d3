package dev.muster.sources;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Threads that take tasks from a bounded queue, each with a tool of its own. The first failure ends all of them and is
 * thrown to whoever brings the next task, or waits for the end.
 */
public final class Workers<T> implements AutoCloseable {
    private static final int QUEUE = 64;
    private static final long LOOK_MILLIS = 100;

    private final BlockingQueue<Optional<T>> queue = new ArrayBlockingQueue<>(QUEUE);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Does tasks; closed by its thread at the end, also after a failure. */
    public interface Tool<T> extends Consumer<T>, AutoCloseable {
        @Override
        void close();
    }

    /** Makes a tool for one thread. */
    public interface Tools<T> {
        Tool<T> make();
    }

    /** @param count of threads, 1 to 64 */
    public Workers(int count, String name, Tools<T> tools) {
        if (count < 1 || count > 64) {
            throw new IllegalArgumentException("There are 1 to 64 workers, not " + count);
        }
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> work(tools), name + "-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void work(Tools<T> tools) {
        try (Tool<T> tool = tools.make()) {
            for (Optional<T> task = queue.take(); task.isPresent(); task = queue.take()) {
                tool.accept(task.get());
            }
            // For the next thread.
            queue.put(Optional.empty());
        } catch (InterruptedException e) {
            failure.compareAndSet(null, cancelled());
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Waits for room in the queue. */
    public void add(T task) {
        put(Optional.of(task));
    }

    private void put(Optional<T> task) {
        try {
            do {
                throwFailure();
            } while (!queue.offer(task, LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        }
    }

    /** Waits until all tasks are done and all tools closed. */
    public void finish() {
        put(Optional.empty());
        try {
            for (Thread thread : threads) {
                while (thread.isAlive()) {
                    throwFailure();
                    thread.join(LOOK_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        }
        throwFailure();
    }

    private void throwFailure() {
        Throwable cause = failure.get();
        if (cause instanceof RuntimeException known) {
            throw known;
        }
        if (cause instanceof Error error) {
            throw error;
        }
    }

    /** An interrupt, as whoever started it reads it. */
    public static SourceException cancelled() {
        return new SourceException("CANCELLED", "The copy was cancelled", "Somebody stopped it; nothing of it counts.");
    }

    /** Ends what still works, and waits for that. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
