package dev.muster.workflows.run;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.plan.Plan;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A run's current details in Markdown, as the Temporal UI shows them: first what an operator does next, then the
 * promises, then the runbook with what is done and what is to come. All times are UTC, of the run's last change.
 */
final class RunDetails {
    private static final int LONGEST_DETAIL = 200;
    /** A word that no page can break. */
    private static final Pattern HASH = Pattern.compile("\\b([0-9a-f]{12})[0-9a-f]{52}\\b");

    /** A plan may have 500 steps; the page shows those around the present one. */
    private static final int MOST_ROWS = 60;

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    /**
     * What the status does not say.
     *
     * @param phase as in {@link RunAttributes#PHASE}
     * @param plan null until there is one
     * @param ended null until the run has ended
     */
    record Facts(
            Scenario scenario,
            String phase,
            Instant started,
            Instant now,
            @Nullable Plan plan,
            @Nullable RunReport ended) {}

    private final RunStatus status;
    private final Facts facts;
    private final List<Row> rows;
    private final StringBuilder text = new StringBuilder();

    /** The headings of the runbook, in their order. */
    private enum Part {
        DONE("Done"),
        FAILED("Failed"),
        NOW("Now"),
        TO_COME("To come"),
        NOT_DONE("Not done");

        private final String heading;

        Part(String heading) {
            this.heading = heading;
        }
    }

    private record Row(Part part, String line) {}

    private RunDetails(RunStatus status, Facts facts) {
        this.status = status;
        this.facts = facts;
        this.rows = rows();
    }

    static String markdown(RunStatus status, Facts facts) {
        RunDetails details = new RunDetails(status, facts);
        details.headline();
        details.facts();
        details.runbook();
        return details.text.toString();
    }

    private void headline() {
        RunReport ended = facts.ended();
        RunStatus.Waiting waiting = status.waiting();
        if (ended != null) {
            line("## " + outcome(ended.verdict()));
            line("");
            line(plain(ended.summary()));
        } else if (waiting != null) {
            line("## Waiting for an approval");
            line("");
            line("By a person with the role **" + waiting.role() + "** who is not " + plain(status.requester())
                    + ". Asked since **" + time(waiting.since()) + "**, until **" + time(waiting.until()) + "** ("
                    + length(Duration.between(waiting.since(), waiting.until())) + ").");
            line("");
            line("Read the plan (query `plan`), then: `muster approve " + status.workflowId() + " --key FILE`");
        } else {
            StepReport running = running();
            line("## " + heading());
            line("");
            line(
                    running == null
                            ? "Phase **" + facts.phase() + "**."
                            : "Step **" + status.steps().size() + (facts.plan() == null ? "" : " of " + rows.size())
                                    + "**, "
                                    + plain(running.title()) + ", on " + running.where() + " since "
                                    + time(running.started()) + ".");
        }
        line("");
    }

    private String heading() {
        StepReport running = running();
        return switch (status.state()) {
            case PLANNING -> "Planning";
            case WAITING_FOR_APPROVAL -> "Approved";
            case EXECUTING -> running == null ? "Under way" : "Under way: " + facts.phase();
            case FINISHED -> "Finished";
        };
    }

    private static String outcome(RunReport.Verdict verdict) {
        return switch (verdict) {
            case PLANNED -> "Planned, nothing done";
            case SUCCEEDED -> "Succeeded";
            case NOT_APPROVED -> "Not approved in time, nothing done";
            case FAILED -> "FAILED";
        };
    }

    private @Nullable StepReport running() {
        return status.steps().stream()
                .filter(step -> step.state() == StepReport.State.RUNNING)
                .findFirst()
                .orElse(null);
    }

    private void facts() {
        long done = status.steps().stream()
                .filter(step -> step.state() == StepReport.State.DONE)
                .count();
        entry(
                "Progress",
                facts.plan() == null
                        ? done + " steps done, no plan yet"
                        : done + " of " + rows.size() + " steps done, phase " + facts.phase());
        Plan plan = facts.plan();
        if (plan != null && plan.copy() != null) {
            recoveryTime(plan);
            recoveryPoint();
        }
        if (plan != null && plan.target() != null) {
            target(plan.target());
            entry("Loss in the live database", plan.loss().statement());
        }
        approvals();
        entry("Asked for by", plain(status.requester()) + " at " + DAY.format(facts.started()) + " UTC");
        if (status.planHash() != null) {
            entry("Plan", "`" + status.planHash() + "`");
        }
        line("");
    }

    private void recoveryTime(Plan plan) {
        Duration promised = Duration.ofSeconds(plan.promised().rtoSeconds());
        RunReport.Objectives achieved =
                facts.ended() == null ? null : facts.ended().objectives();
        if (achieved != null && achieved.rtoAchievedSeconds() != null) {
            double seconds = achieved.rtoAchievedSeconds();
            entry(
                    "Recovery time (RTO)",
                    "**" + measured(seconds) + "** of " + length(promised) + " promised: "
                            + kept(seconds <= achieved.rtoPromisedSeconds()) + ", " + achieved.rtoMeasured());
            return;
        }
        if (facts.ended() != null) {
            entry("Recovery time (RTO)", "not reached, " + length(promised) + " promised");
            return;
        }
        Instant fault = plan.forecast().faultAt();
        Instant from = fault == null ? facts.started() : fault;
        Instant due = from.plus(promised);
        entry(
                "Recovery time (RTO)",
                "**" + length(Duration.between(from, facts.now())) + "** so far (at " + time(facts.now()) + ") of "
                        + length(promised) + " promised: "
                        + (facts.now().isAfter(due) ? "**MISSED**, was due by " : "due by ") + "**" + time(due)
                        + "**, counted from the " + (fault == null ? "start" : "fault") + " at " + time(from));
    }

    private void recoveryPoint() {
        RunReport.Objectives achieved =
                facts.ended() == null ? null : facts.ended().objectives();
        if (achieved != null && achieved.rpoAchievedSeconds() != null) {
            double seconds = achieved.rpoAchievedSeconds();
            entry(
                    "Recovery point (RPO)",
                    "**" + measured(seconds) + "** of "
                            + length(Duration.ofSeconds(achieved.rpoPromisedSeconds())) + " promised: "
                            + kept(seconds <= achieved.rpoPromisedSeconds()) + ", " + achieved.rpoMeasured());
        }
    }

    private static String kept(boolean kept) {
        return kept ? "kept" : "**MISSED**";
    }

    private void target(Plan.ResolvedTarget target) {
        entry("Target", plain(target.point().describe()) + ": " + plain(target.why()));
        DestructiveTransaction destructive = target.destructive();
        if (destructive != null) {
            List<String> relations = destructive.relations().stream()
                    .map(relation -> String.format(
                            Locale.ROOT, "%,d rows of %s", relation.rowsDeleted(), plain(relation.name())))
                    .toList();
            entry("What was deleted", String.join(", ", relations));
        }
    }

    private void approvals() {
        for (ApprovalAnswer answer : status.answers()) {
            if (answer.accepted()) {
                entry("Approved by", "**" + plain(answer.approver()) + "** at " + time(answer.at()));
            }
        }
        long refused =
                status.answers().stream().filter(answer -> !answer.accepted()).count();
        if (refused > 0) {
            ApprovalAnswer last = status.answers().stream()
                    .filter(answer -> !answer.accepted())
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            entry("Refused approvals", refused + ", last at " + time(last.at()) + ": " + cell(last.message()));
        }
    }

    private List<Row> rows() {
        List<Row> all = new ArrayList<>();
        for (StepReport step : status.steps()) {
            String title = cell(step.title());
            String end =
                    step.ended() == null ? "" : " (" + took(step.started(), step.ended()) + "): " + cell(step.detail());
            all.add(
                    switch (step.state()) {
                        case RUNNING ->
                            new Row(
                                    Part.NOW,
                                    "**" + title + "**, on " + step.where() + " since " + time(step.started()));
                        case DONE -> new Row(Part.DONE, title + end);
                        case FAILED -> new Row(Part.FAILED, "**" + title + "**" + end);
                    });
        }
        Plan plan = facts.plan();
        if (plan != null) {
            Part part = facts.ended() == null ? Part.TO_COME : Part.NOT_DONE;
            for (StepsToCome.Step step : StepsToCome.of(plan, status.steps())) {
                all.add(new Row(part, cell(step.title()) + " (" + step.where() + ")"));
            }
        }
        return all;
    }

    /** A list, not a table: the page gives it half of its width. */
    private void runbook() {
        int present = status.steps().size();
        int from = Math.max(0, Math.min(present - MOST_ROWS / 2, rows.size() - MOST_ROWS));
        int to = Math.min(rows.size(), from + MOST_ROWS);
        Part part = null;
        for (int i = from; i < to; i++) {
            Row row = rows.get(i);
            if (row.part() != part) {
                part = row.part();
                line("");
                line("### " + part.heading);
                line("");
            }
            // Not a list that the page numbers: it begins each part with one again.
            line("- " + (i + 1) + "\\. " + row.line());
        }
        if (to - from < rows.size()) {
            line("");
            line("Steps " + (from + 1) + " to " + to + " of " + rows.size() + ".");
        }
    }

    private void entry(String name, String value) {
        line("- " + name + ": " + value);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    /** The day only where it is another one than the run's first. */
    private String time(Instant at) {
        boolean sameDay = DAY.format(at)
                .substring(0, 10)
                .equals(DAY.format(facts.started()).substring(0, 10));
        return (sameDay ? TIME : DAY).format(at);
    }

    private static String took(Instant from, Instant to) {
        return String.format(Locale.ROOT, "%.1f s", Duration.between(from, to).toMillis() / 1000.0);
    }

    private static String measured(double seconds) {
        return seconds < 60
                ? String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds)
                : length(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    private static String length(Duration duration) {
        return Durations.format(duration);
    }

    /** Text of others on one line, without what Markdown or a page would take for markup. */
    private static String plain(String line) {
        return line.replaceAll("\\p{Cntrl}", " ").replaceAll("([\\\\`*_\\[\\]<>|#])", "\\\\$1");
    }

    private static String cell(String detail) {
        String shown = HASH.matcher(detail).replaceAll("$1…");
        return plain(shown.length() <= LONGEST_DETAIL ? shown : shown.substring(0, LONGEST_DETAIL) + "…");
    }
}
