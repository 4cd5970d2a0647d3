package dev.muster.api.runs;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.api.problem.ApiException;
import dev.muster.catalog.CatalogException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows runs for receivers of events, each on its own thread, so that a slow receiver delays nobody else. */
public final class EventStreams implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventStreams.class);
    private static final int MOST = 64;
    private static final Duration LOOK = Duration.ofMillis(700);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    /** A receiver connects again, with the id of what it saw last. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final ObjectMapper json;
    private final Semaphore free = new Semaphore(MOST);
    private final CountDownLatch ending = new CountDownLatch(1);

    public EventStreams(ObjectMapper json, MeterRegistry metrics) {
        this.json = json;
        Gauge.builder("muster.api.event.streams", () -> MOST - free.availablePermits())
                .description("Receivers of events that are connected")
                .register(metrics);
    }

    /**
     * A stream of what happened since then, until the run has ended.
     *
     * @throws ApiException EVENTS_FULL if too many are connected
     */
    StreamingOutput follow(RunReading runs, String runId, RunEvent.Seen seen) {
        // Asked before the answer begins, so that a run that does not exist is a 404.
        RunSnapshot first = runs.snapshot(runId);
        if (!free.tryAcquire()) {
            throw new ApiException(
                    503,
                    "EVENTS_FULL",
                    "There are " + MOST + " receivers of events already.",
                    "Ask GET /v1/runs/" + runId + " now and then instead.");
        }
        return out -> {
            try {
                send(out, runs, runId, seen, first);
            } catch (IOException e) {
                log.debug("A receiver of the events of {} has gone", runId, e);
            } finally {
                free.release();
            }
        };
    }

    private void send(OutputStream out, RunReading runs, String runId, RunEvent.Seen seen, RunSnapshot first)
            throws IOException {
        long begun = System.nanoTime();
        long sent = System.nanoTime();
        RunEvent.Seen known = seen;
        RunSnapshot now = first;
        out.write("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        while (true) {
            List<RunEvent> events = RunEvent.since(known, now);
            for (RunEvent event : events) {
                out.write(text(event).getBytes(StandardCharsets.UTF_8));
                known = RunEvent.Seen.of(event.id());
            }
            if (!events.isEmpty()) {
                sent = System.nanoTime();
                out.flush();
            } else if (System.nanoTime() - sent > HEARTBEAT.toNanos()) {
                // Also how a receiver that has gone is noticed.
                out.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                sent = System.nanoTime();
                out.flush();
            }
            if (now.run().ended() != null || System.nanoTime() - begun > LONGEST.toNanos() || ended()) {
                return;
            }
            now = look(runs, runId, now);
        }
    }

    private boolean ended() {
        try {
            return ending.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static RunSnapshot look(RunReading runs, String runId, RunSnapshot before) {
        try {
            RunSnapshot now = runs.snapshot(runId);
            // A record that lags behind what was sent already tells nothing new.
            return now.steps().size() < before.steps().size() ? before : now;
        } catch (CatalogException e) {
            log.debug("The run {} cannot be read now", runId, e);
            return before;
        }
    }

    private String text(RunEvent event) throws IOException {
        return "id: " + event.id() + "\nevent: " + event.type() + "\ndata: " + json.writeValueAsString(event.data())
                + "\n\n";
    }

    /** Ends every stream; receivers connect again, to another instance. */
    @Override
    public void close() {
        ending.countDown();
    }
}
