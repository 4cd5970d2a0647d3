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
import org.jspecify.annotations.Nullable;

/**
 * A run's current details in Markdown, as the Temporal UI shows them: first what an operator does next, then the
 * promises, then the runbook with what is done and what is to come. All times are UTC, of the run's last change.
 */
final class RunDetails {
    private static final int LONGEST_DETAIL = 200;
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

    private record Row(String title, String where, String state, String started, String took, String detail) {}

    private RunDetails(RunStatus status, Facts facts) {
        this.status = status;
        this.facts = facts;
        this.rows = rows();
    }

    static String markdown(RunStatus status, Facts facts) {
        RunDetails details = new RunDetails(status, facts);
        details.headline();
        details.facts();
        details.table();
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
            all.add(new Row(
                    step.title(),
                    step.where(),
                    switch (step.state()) {
                        case RUNNING -> "**running**";
                        case DONE -> "done";
                        case FAILED -> "**FAILED**";
                    },
                    time(step.started()),
                    step.ended() == null ? "" : took(step.started(), step.ended()),
                    cell(step.detail())));
        }
        Plan plan = facts.plan();
        if (plan != null) {
            String state = facts.ended() == null ? "to come" : "not done";
            for (StepsToCome.Step step : StepsToCome.of(plan, status.steps())) {
                all.add(new Row(step.title(), step.where(), state, "", "", ""));
            }
        }
        return all;
    }

    private void table() {
        int present = status.steps().size();
        int from = Math.max(0, Math.min(present - MOST_ROWS / 2, rows.size() - MOST_ROWS));
        int to = Math.min(rows.size(), from + MOST_ROWS);
        line("| | step | where | state | at | took | |");
        line("|---:|---|---|---|---|---:|---|");
        for (int i = from; i < to; i++) {
            Row row = rows.get(i);
            line("| " + (i + 1) + " | " + cell(row.title()) + " | " + row.where() + " | " + row.state() + " | "
                    + row.started() + " | " + row.took() + " | " + row.detail() + " |");
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
                ? String.format(Locale.ROOT, "%.1f s", seconds)
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
        return plain(detail.length() <= LONGEST_DETAIL ? detail : detail.substring(0, LONGEST_DETAIL) + "…");
    }
}
