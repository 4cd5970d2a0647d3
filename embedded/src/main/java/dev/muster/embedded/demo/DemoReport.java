package dev.muster.embedded.demo;

import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.report.ReportDocument;
import dev.muster.embedded.report.Surroundings;
import dev.muster.embedded.stack.Stack;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the demo's report from the reports of its runs. */
final class DemoReport {
    private final RunFolder folder;
    private final Stack stack;
    private final Path reportFolder;
    private final Clock clock;

    DemoReport(RunFolder folder, Stack stack, Path reportFolder, Clock clock) {
        this.folder = folder;
        this.stack = stack;
        this.reportFolder = reportFolder;
        this.clock = clock;
    }

    ReportDocument of(Instant started, List<RunReport> runs, Attack.Truth truth, Expectations expectations) {
        List<ReportDocument.Objective> objectives = new ArrayList<>();
        List<ReportDocument.Rows> rows = new ArrayList<>();
        List<ReportDocument.Check> checks = new ArrayList<>();
        List<ReportDocument.Step> steps = new ArrayList<>();
        for (RunReport run : runs) {
            objectives(run, objectives);
            rows(run, rows);
            for (CheckVerdict check : run.results().checks()) {
                checks.add(new ReportDocument.Check(
                        run.scenario() + ": " + check.name(),
                        check.checked() ? ReportDocument.Verdict.PASSED : ReportDocument.Verdict.NOT_CHECKED,
                        check.finding()));
            }
            for (StepReport step : run.steps()) {
                steps.add(step(run, step));
            }
        }
        checks.add(new ReportDocument.Check(
                "expectations of the demo",
                expectations.failed().isEmpty() ? ReportDocument.Verdict.PASSED : ReportDocument.Verdict.FAILED,
                expectations.failed().isEmpty()
                        ? expectations.held() + " of " + expectations.held() + " hold"
                        : String.join("; ", expectations.failed())));
        boolean good = expectations.failed().isEmpty();
        return new ReportDocument(
                "Demo: a malicious DELETE, undone",
                good ? ReportDocument.Outcome.SUCCEEDED : ReportDocument.Outcome.FAILED,
                String.format(
                        java.util.Locale.ROOT,
                        "An attacker deleted %,d payments at %s. %s",
                        truth.rows(),
                        truth.committed(),
                        good
                                ? "All of them are back in the live database, which kept serving; a restore test proved"
                                        + " the newest backup."
                                : "Not everything that was expected held; see the checks."),
                started,
                clock.instant(),
                objectives,
                rows,
                checks,
                steps,
                List.of(
                        new ReportDocument.Entry(
                                "Temporal",
                                stack.temporalAddress()
                                        + stack.temporalServer()
                                                .map(server -> ", web UI " + server.webAddress())
                                                .orElse(" (no web UI of this run's own)")),
                        new ReportDocument.Entry("store", stack.storeUrl()),
                        new ReportDocument.Entry(
                                "folder",
                                folder.path() + (folder.kept() ? "" : " (removed at the end; --keep keeps it)")),
                        new ReportDocument.Entry(
                                "report",
                                reportFolder.toAbsolutePath().normalize().toString())),
                Surroundings.entries());
    }

    private static void objectives(RunReport run, List<ReportDocument.Objective> into) {
        RunReport.Objectives objectives = run.objectives();
        if (objectives == null) {
            return;
        }
        into.add(new ReportDocument.Objective(
                "RTO, " + run.scenario(),
                "recovery time: " + objectives.rtoMeasured(),
                Duration.ofSeconds(objectives.rtoPromisedSeconds()),
                seconds(objectives.rtoAchievedSeconds()),
                objectives.rtoMeasured()));
        into.add(new ReportDocument.Objective(
                "RPO, " + run.scenario(),
                "recovery point: how much time of commits the recovered copy lacks",
                Duration.ofSeconds(objectives.rpoPromisedSeconds()),
                seconds(objectives.rpoAchievedSeconds()),
                objectives.rpoMeasured()));
    }

    private static Optional<Duration> seconds(@org.jspecify.annotations.Nullable Double value) {
        return value == null ? Optional.empty() : Optional.of(Duration.ofMillis(Math.round(value * 1000)));
    }

    private static void rows(RunReport run, List<ReportDocument.Rows> into) {
        var returned = run.results().returned();
        if (returned != null) {
            returned.relations()
                    .forEach(relation -> into.add(new ReportDocument.Rows(
                            relation.name(),
                            relation.deleted(),
                            relation.returned() + relation.alreadyThere(),
                            relation.conflicting())));
        }
    }

    private static ReportDocument.Step step(RunReport run, StepReport step) {
        Instant ended = step.ended() == null ? step.started() : step.ended();
        return new ReportDocument.Step(
                run.scenario() + ": " + step.title(),
                step.where(),
                step.started(),
                Duration.between(step.started(), ended),
                1,
                switch (step.state()) {
                    case DONE -> ReportDocument.Verdict.PASSED;
                    case FAILED -> ReportDocument.Verdict.FAILED;
                    case RUNNING -> ReportDocument.Verdict.NOT_CHECKED;
                },
                step.detail());
    }
}
