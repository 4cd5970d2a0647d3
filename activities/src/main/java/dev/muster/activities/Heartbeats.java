package dev.muster.activities;

import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCompletionException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Beats while an activity works, from a thread of its own, so that a step which waits for PostgreSQL beats too. What
 * it carries is a hint for people; the state to resume from lies on disk.
 */
public final class Heartbeats implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final ActivityExecutionContext context;
    private final ScheduledExecutorService timer;
    private final AtomicReference<String> progress = new AtomicReference<>("");
    private final AtomicReference<@Nullable ActivityCompletionException> stopped = new AtomicReference<>();

    private Heartbeats(ActivityExecutionContext context) {
        this.context = context;
        this.timer = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "heartbeat-" + context.getInfo().getActivityType());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts to beat for the activity that this thread executes. */
    public static Heartbeats start() {
        return start(Activity.getExecutionContext());
    }

    static Heartbeats start(ActivityExecutionContext context) {
        Heartbeats heartbeats = new Heartbeats(context);
        // A beat handles its own errors, so the future has nothing to tell.
        var unused = heartbeats.timer.scheduleAtFixedRate(heartbeats::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        return heartbeats;
    }

    /** What the next beats tell, one short line. */
    public void progress(String line) {
        progress.set(line);
    }

    /**
     * Stops work that nobody waits for any more.
     *
     * @throws ActivityCompletionException if the run was cancelled, or this attempt was given up for another
     */
    public void check() {
        ActivityCompletionException why = stopped.get();
        if (why != null) {
            throw why;
        }
    }

    private void beat() {
        try {
            context.heartbeat(progress.get());
        } catch (ActivityCompletionException e) {
            stopped.set(e);
            timer.shutdown();
        } catch (RuntimeException e) {
            // The server is away for a moment; the next beat tries again, and the time-out decides.
            log.debug("A heartbeat did not get through", e);
        }
    }

    /** No further beat. One that is on its way is left alone: the SDK tells an interrupted one as a failure, at length. */
    @Override
    public void close() {
        timer.shutdown();
    }
}
