package dev.muster.embedded.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that a run's report shows, in the order in which it is shown. Made from a run's result; the writers beside it
 * only lay it out.
 *
 * @param title what was done to what, such as {@code Point-in-time recovery of orders-main}
 * @param summary one or two sentences for somebody who reads nothing else
 * @param started the moment that the times of the steps count from
 */
public record ReportDocument(
        String title,
        Outcome outcome,
        String summary,
        Instant started,
        Instant ended,
        List<Objective> objectives,
        List<Rows> rows,
        List<Check> checks,
        List<Step> steps,
        List<Entry> places,
        List<Entry> environment) {

    public ReportDocument {
        objectives = List.copyOf(objectives);
        rows = List.copyOf(rows);
        checks = List.copyOf(checks);
        steps = List.copyOf(steps);
        places = List.copyOf(places);
        environment = List.copyOf(environment);
    }

    public Duration elapsed() {
        return Duration.between(started, ended);
    }

    /** How it ended. */
    public enum Outcome {
        SUCCEEDED("Succeeded"),
        FAILED("Failed");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /** Whether something holds; what could not be checked is never shown as passed. */
    public enum Verdict {
        PASSED("Passed"),
        FAILED("Failed"),
        NOT_CHECKED("Not checked");

        private final String label;

        Verdict(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /**
     * A promise and what became of it.
     *
     * @param name such as {@code RTO}
     * @param meaning what the short name means, for those who do not know it
     * @param achieved empty if it was not measured
     * @param measured how it was measured, in words
     */
    public record Objective(
            String name, String meaning, Duration promised, Optional<Duration> achieved, String measured) {
        public Verdict verdict() {
            return achieved.map(value -> value.compareTo(promised) <= 0 ? Verdict.PASSED : Verdict.FAILED)
                    .orElse(Verdict.NOT_CHECKED);
        }
    }

    /** Rows of one relation: how many the attack had deleted, and how many are in the live database again. */
    public record Rows(String relation, long deleted, long back, long conflicting) {}

    public record Check(String name, Verdict verdict, String finding) {}

    /**
     * A step of the run.
     *
     * @param where the place that it ran in, such as {@code host-orders-1}
     * @param attempts at least 1; more when it was tried again, after a killed worker for instance
     * @param detail what happened, in one line; may be empty
     */
    public record Step(
            String name,
            String where,
            Instant started,
            Duration duration,
            int attempts,
            Verdict verdict,
            String detail) {}

    /** A name and a value: a folder, an address, a version. */
    public record Entry(String name, String value) {}
}
