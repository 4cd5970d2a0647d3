package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.client.EventStream;
import dev.muster.cli.output.Output;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a run to its end: by its events where they come through, else by asking now and then. An API that is away for
 * a while is waited for, because the run goes on without it.
 */
final class RunWatch {
    private static final Logger log = LoggerFactory.getLogger(RunWatch.class);

    /** The API sends a heartbeat every ten seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(35);

    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration LONGEST_OUTAGE = Duration.ofMinutes(10);

    /** Streams in a row that brought nothing; then a proxy in between keeps events back. */
    private static final int MOST_EMPTY_STREAMS = 2;

    private final ApiClient api;
    private final Output output;
    private final RunProgress progress;
    private final String run;
    private final long deadline;
    private String lastEvent = "";
    private int emptyStreams;
    private long awaySince;
    private boolean away;

    /** @param limit how long to wait at most */
    RunWatch(ApiClient api, Output output, RunProgress progress, String run, Duration limit) {
        this.api = api;
        this.output = output;
        this.progress = progress;
        this.run = run;
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /**
     * Waits for the end.
     *
     * @return the run's details, as the API has them at the end
     * @throws CliException RUN_STILL_GOING if the time was up; what the API refuses; that it was away for too long
     */
    JsonNode follow() throws InterruptedException {
        while (true) {
            Optional<JsonNode> ended = look();
            if (ended.isPresent()) {
                return ended.get();
            }
            if (emptyStreams < MOST_EMPTY_STREAMS) {
                listen();
            }
            pause();
        }
    }

    private Optional<JsonNode> look() throws InterruptedException {
        try {
            JsonNode details = api.get(ApiClient.path("runs", run)).json();
            if (away) {
                output.aside("The API answers again.");
                away = false;
            }
            progress.details(details);
            return details.path("run").path("ended").isTextual() ? Optional.of(details) : Optional.empty();
        } catch (CliException e) {
            waitFor(e);
            return Optional.empty();
        }
    }

    /** Until the stream ends, for whatever reason; the next look tells whether the run has. */
    private void listen() throws InterruptedException {
        boolean heard = false;
        try (EventStream events = api.events(run, lastEvent)) {
            while (true) {
                Optional<EventStream.Event> next = events.next(patience());
                if (next.isEmpty()) {
                    break;
                }
                heard = true;
                lastEvent = next.get().id();
                JsonNode data = api.read(next.get().data());
                switch (next.get().type()) {
                    case "step" -> progress.step(data);
                    case "approval" -> progress.approval(data);
                    case "waiting" -> progress.run(data);
                    case "end" -> {
                        return;
                    }
                    default -> {
                        // A kind that a later API has; the details at the end have it all.
                    }
                }
            }
        } catch (IOException e) {
            // Broken or silent: the next look says how the API is.
            log.debug("The events of {} ended", run, e);
        } catch (CliException e) {
            if (e.exitCode() != ExitCode.UNREACHABLE) {
                throw e;
            }
            // Too many listeners, or a proxy that lets no events through: asking goes on.
            emptyStreams = MOST_EMPTY_STREAMS;
        }
        emptyStreams = heard ? 0 : emptyStreams + 1;
    }

    private Duration patience() {
        long left = deadline - System.nanoTime();
        return left < SILENCE.toNanos() ? Duration.ofNanos(Math.max(1_000_000, left)) : SILENCE;
    }

    private void waitFor(CliException failure) {
        if (failure.exitCode() != ExitCode.UNREACHABLE) {
            throw failure;
        }
        if (!away) {
            away = true;
            awaySince = System.nanoTime();
            output.aside(failure.line());
            output.aside("Waiting for it; the run goes on meanwhile.");
        } else if (System.nanoTime() - awaySince > LONGEST_OUTAGE.toNanos()) {
            throw failure;
        }
    }

    private void pause() throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new CliException(
                    "RUN_STILL_GOING",
                    "The time to wait is over, and the run " + run + " goes on.",
                    "Follow it again: muster runs watch " + run,
                    ExitCode.STILL_RUNNING);
        }
        Thread.sleep(Math.min(LOOK.toMillis(), Math.max(1, left / 1_000_000)));
    }

    /** How a run that has ended is told by the process's exit code. */
    static int exitCode(JsonNode run) {
        return switch (Output.text(run.path("verdict"))) {
            case "SUCCEEDED", "PLANNED" -> ExitCode.SUCCESS;
            case "NOT_APPROVED" -> ExitCode.NOT_APPROVED;
            default -> ExitCode.FAILED;
        };
    }
}
