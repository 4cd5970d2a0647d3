package dev.muster.postgres.fence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a fenced server down that somebody starts past the starter, by pg_ctl for instance, and sees promotions. A state
 * that cannot be read stops nobody: a disk with a hiccup is no reason to take a primary down.
 */
public final class FenceKeeper implements AutoCloseable {
    /** Short, for the client that such a server lets in has no other protection. */
    private static final StopBounds BOUNDS =
            new StopBounds(Duration.ZERO, Duration.ofSeconds(3), Duration.ofSeconds(5));

    private final FenceFolder folder;
    private final HostServer server;
    private final HostFence fence;
    private final FenceListener listener;
    private final Duration interval;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "fence-keeper");
        thread.setDaemon(true);
        return thread;
    });

    private @Nullable ScheduledFuture<?> looking;
    private Optional<ServerObservation> before = Optional.empty();

    /** @param interval between looks; a look costs some milliseconds */
    public FenceKeeper(
            FenceFolder folder, HostServer server, HostFence fence, FenceListener listener, Duration interval) {
        this.folder = folder;
        this.server = server;
        this.fence = fence;
        this.listener = listener;
        this.interval = interval;
    }

    public void start() {
        looking = executor.scheduleWithFixedDelay(this::look, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns when the look that is under way has ended. */
    @Override
    public void close() {
        ScheduledFuture<?> started = looking;
        if (started != null) {
            started.cancel(false);
        }
        executor.shutdown();
        try {
            if (!executor.awaitTermination(15, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            FenceState state = folder.state();
            if (mustNotRun(state) && server.runs()) {
                listener.stoppedPastStarter(fence.enforce(state, BOUNDS));
            }
            watchRole();
        } catch (IOException e) {
            listener.trouble(new UncheckedIOException(e));
        } catch (RuntimeException e) {
            // An exception would end the schedule, and with it the watch.
            listener.trouble(e);
        }
    }

    /** The starter's rule, for what was started past it. */
    private boolean mustNotRun(FenceState state) {
        if (state.fenced()) {
            return true;
        }
        return state.leaseRequired()
                && !server.inRecovery()
                && !LeaseProof.valid(folder.leaseProof(), BootClock.ofThisMachine());
    }

    private void watchRole() throws IOException {
        ServerObservation now = ServerObservation.of(server);
        before.filter(now::promotedSince).ifPresent(standby -> listener.promoted(standby, now));
        before = Optional.of(now);
    }
}
