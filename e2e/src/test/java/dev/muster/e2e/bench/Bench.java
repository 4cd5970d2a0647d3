package dev.muster.e2e.bench;

import dev.muster.embedded.report.Surroundings;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.embedded.temporal.TemporalServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;

/** Prints, in Markdown, what it measures: all parts, or those that the arguments name. Ends by itself. */
public final class Bench {
    private static final Set<String> PARTS = Set.of("start-up", "listing", "first-activity", "durable");
    private static final Duration LONGEST = Duration.ofMinutes(20);

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        Set<String> parts = arguments.length == 0 ? PARTS : Set.of(arguments);
        if (!PARTS.containsAll(parts)) {
            System.err.println("Parts: " + PARTS);
            System.exit(2);
        }
        new Timer("limit", true)
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                System.err.println(
                                        "Ended after " + LONGEST.toMinutes() + " minutes: this machine is too busy.");
                                System.exit(1);
                            }
                        },
                        LONGEST.toMillis());
        Surroundings.entries().forEach(entry -> System.out.println("- " + entry.name() + ": " + entry.value()));
        load("begin");
        if (parts.contains("start-up") || parts.contains("listing")) {
            try (RecordedRuns runs = RecordedRuns.create(Integer.getInteger("muster.bench.runs", 100_000))) {
                if (parts.contains("start-up")) {
                    new StartUp(runs).measure();
                }
                if (parts.contains("listing")) {
                    new Listing(runs).measure();
                }
            }
        }
        if (parts.contains("first-activity")) {
            new FirstActivity("Temporal in the JVM", TemporalChoice.JVM).measure();
            if (TemporalServer.program().isPresent()) {
                new FirstActivity("a Temporal server", TemporalChoice.SERVER).measure();
            } else {
                System.out.println("\nNO PROGRAM 'temporal' HERE: A REAL TEMPORAL SERVER WAS NOT MEASURED");
            }
        }
        if (parts.contains("durable")) {
            new CommitToDurable(
                            Duration.ofSeconds(Integer.getInteger("muster.bench.durable.seconds", 120)),
                            Integer.getInteger("muster.bench.durable.rate", 2_000))
                    .measure();
        }
        load("end");
        System.exit(0);
    }

    private static void load(String when) throws IOException {
        System.out.println("- Load average at the " + when + ": "
                + Files.readString(Path.of("/proc/loadavg")).strip());
    }
}
