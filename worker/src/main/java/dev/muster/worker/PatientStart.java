package dev.muster.worker;

import dev.muster.activities.PassingTrouble;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that is started as soon as its store answers: a worker comes up, and does what needs no store, while one is
 * away. What no waiting mends ends the worker's start.
 */
final class PatientStart implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PatientStart.class);

    /** A service that can be ended. */
    interface Service extends AutoCloseable {
        @Override
        void close();
    }

    private final String what;
    private final Supplier<? extends Service> starting;
    private final ScheduledExecutorService timer;
    private @Nullable Service started;
    private boolean closed;

    private PatientStart(String what, Supplier<? extends Service> starting) {
        this.what = what;
        this.starting = starting;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "start-" + what);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts it now, or as soon as it can be.
     *
     * @param what the service is for, in a word
     * @param pause between tries
     */
    static PatientStart of(String what, Duration pause, Supplier<? extends Service> starting) {
        PatientStart start = new PatientStart(what, starting);
        try {
            if (!start.tried()) {
                var unused = start.timer.scheduleWithFixedDelay(
                        start::again, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
            }
            return start;
        } catch (RuntimeException e) {
            start.close();
            throw e;
        }
    }

    private void again() {
        try {
            if (tried()) {
                timer.shutdown();
            }
        } catch (RuntimeException e) {
            // The worker works by now. What is wrong here may be mended without ending it.
            log.error("{} is not served: {}", what, e.getMessage(), e);
        }
    }

    /** @return whether no further try is needed */
    private boolean tried() {
        Service service;
        try {
            service = starting.get();
        } catch (RepositoryException e) {
            requirePassing(e.code(), e);
            return false;
        } catch (StoreException e) {
            requirePassing(e.code(), e);
            return false;
        }
        synchronized (this) {
            if (!closed) {
                started = service;
                return true;
            }
        }
        service.close();
        return true;
    }

    private void requirePassing(String code, RuntimeException failure) {
        if (!PassingTrouble.is(code)) {
            throw failure;
        }
        log.warn("{} waits for its store. {}: {}", what, code, failure.getMessage());
    }

    @Override
    public void close() {
        Service ending;
        synchronized (this) {
            closed = true;
            ending = started;
        }
        timer.shutdownNow();
        if (ending != null) {
            ending.close();
        }
    }
}
