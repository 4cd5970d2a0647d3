package dev.muster.embedded.demo;

import dev.muster.embedded.console.Console;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.orders.LedgerCheck;
import dev.muster.embedded.orders.OrdersApplication;
import dev.muster.embedded.orders.OrdersSize;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.report.Reports;
import dev.muster.embedded.report.TextReport;
import dev.muster.embedded.stack.Runs;
import dev.muster.embedded.stack.Stack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.instance.Installation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.PlanText;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import io.temporal.client.WorkflowStub;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The demo's story, told once from top to bottom. */
final class Demo {
    private static final Duration BETWEEN = Duration.ofSeconds(3);

    private final Console console;
    private final RunFolder folder;
    private final Installation installation;
    private final Teardown teardown;
    private final Clock clock;
    private final TemporalChoice choice;
    private final OrdersSize size;
    private final boolean yes;
    private final boolean hold;
    private final Path reportFolder;
    private final Expectations expectations = new Expectations();
    private final List<RunReport> reports = new ArrayList<>();
    /** By hash, whoever approves them: here, or somebody in another terminal. */
    private final Map<String, Plan> shownPlans = new HashMap<>();

    Demo(
            Console console,
            RunFolder folder,
            Installation installation,
            Teardown teardown,
            Clock clock,
            TemporalChoice choice,
            OrdersSize size,
            boolean yes,
            boolean hold,
            Path reportFolder) {
        this.console = console;
        this.folder = folder;
        this.installation = installation;
        this.teardown = teardown;
        this.clock = clock;
        this.choice = choice;
        this.size = size;
        this.yes = yes;
        this.hold = hold;
        this.reportFolder = reportFolder;
    }

    /** Runs it; whether every expectation held. */
    boolean run() throws Exception {
        Instant started = clock.instant();
        console.heading("A database with customers");
        OrdersApplication orders = OrdersApplication.start(console, folder, installation, teardown, clock, size);
        DemoPrimary primary = orders.primary();

        console.heading("Muster");
        Stack stack = startStack(orders);
        ChildJvm writer = orders.startCustomers();
        Runs runs = new Runs(stack);
        reports.add(follow(runs, "shipped:backup", stack));
        pause();

        console.heading("The attack");
        Attack.Truth truth = strike(primary);
        pause();

        console.heading("Point-in-time recovery");
        RunReport recovery = follow(runs, "shipped:point-in-time-recovery", stack);
        reports.add(recovery);
        expectRecovery(recovery, truth);

        console.heading("Is everything there?");
        expectLedger(primary, orders.ledger());

        console.heading("Restore test");
        RunReport test = follow(runs, "shipped:restore-test", stack);
        reports.add(test);
        expectProof(test);

        writer.stop(Duration.ofSeconds(10));
        DemoReport report = new DemoReport(folder, stack, reportFolder, clock);
        var document = report.of(started, reports, truth, expectations);
        Path html = Reports.write(document, reportFolder);
        console.line("");
        console.line(TextReport.of(document));
        console.line("Report: " + html.toAbsolutePath() + " (report.json, report.txt beside it)");
        for (String failed : expectations.failed()) {
            console.line("EXPECTATION FAILED: " + failed);
        }
        if (hold) {
            holdOn(stack);
        }
        return expectations.failed().isEmpty();
    }

    private Stack startStack(OrdersApplication orders) throws IOException {
        Console.Step temporal = console.step("Connect to Temporal");
        Stack stack = orders.checkedBy(Stack.create(folder, installation, teardown, clock, choice));
        temporal.done(stack.temporalAddress()
                + stack.temporalServer()
                        .map(server -> ", to look at: " + server.webAddress())
                        .orElse(""));
        stack.configure(orders.primary());
        Console.Step workers = console.step("Start a control worker and a host worker");
        ChildJvm control = stack.startControlWorker();
        ChildJvm host = stack.startHostWorker();
        workers.done("processes " + control.processId() + " and " + host.processId());
        return stack;
    }

    private Attack.Truth strike(DemoPrimary primary) throws SQLException {
        Console.Step step = console.step("Somebody with a stolen password");
        Attack.Truth truth = Attack.strike(primary.application(), clock);
        step.done(String.format(Locale.ROOT, "%s: %,d rows are gone", Attack.SQL, truth.rows()));
        return truth;
    }

    private RunReport follow(Runs runs, String runbook, Stack stack) throws InterruptedException {
        WorkflowStub run = runs.start(runbook);
        RunReport report =
                runs.follow(run, new RunLines(console, (status, plan) -> approve(runs, run, status, plan, stack)));
        expectations.that(
                report.verdict() == RunReport.Verdict.SUCCEEDED,
                "the run of " + runbook + " succeeds; it says: " + report.summary());
        return report;
    }

    private void approve(Runs runs, WorkflowStub run, RunStatus status, String plan, Stack stack) {
        StoredPlan stored = StoredPlan.read(plan, Objects.requireNonNull(status.planHash()));
        shownPlans.put(stored.hash(), stored.plan());
        console.line("");
        console.line(PlanText.render(stored));
        console.line("");
        if (!yes && !confirmed()) {
            console.line("Not approved. In another terminal: . " + folder.path().resolve("environment")
                    + " && ./muster approve " + status.workflowId() + " --key " + stack.approverKeyFile());
            return;
        }
        ApprovalAnswer answer = runs.approve(run, stack.approver(), status);
        console.line("  " + answer.message() + (yes ? " (unattended, --yes)" : ""));
        console.line("");
    }

    private boolean confirmed() {
        console.line("Approve as " + Stack.APPROVER + ", who did not ask for the run? [y/N]");
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the answer", e);
        }
    }

    private void expectRecovery(RunReport recovery, Attack.Truth truth) {
        DestructiveTransaction found = Optional.ofNullable(recovery.planHash())
                .map(shownPlans::get)
                .map(Plan::target)
                .map(Plan.ResolvedTarget::destructive)
                .orElse(null);
        expectations.that(
                found != null
                        && found.xid() == (Long.parseLong(truth.xid()) & 0xFFFFFFFFL)
                        && found.rowsDeleted() == truth.rows(),
                "the finder names the attacker's transaction " + truth.xid() + " with " + truth.rows()
                        + " rows; it found " + found);
        expectations.that(
                found != null
                        && found.relations().size() == 1
                        && found.relations().get(0).name().endsWith("public.payments"),
                "the finder names the relation payments as the one that was hit");
        var returned = recovery.results().returned();
        expectations.that(
                returned != null && returned.back() == truth.rows(),
                "all " + truth.rows() + " deleted rows are back; " + returned);
        expectMet(recovery);
    }

    private void expectLedger(DemoPrimary primary, Path ledger) throws SQLException, IOException {
        Console.Step step = console.step("Compare the live database with the ledger");
        try (Connection connection = primary.muster().connect("demo")) {
            LedgerCheck.Verdict verdict = LedgerCheck.check(connection, ledger, Optional.empty());
            expectations.that(verdict.passed(), "the live payments equal the ledger: " + verdict.line());
            if (verdict.passed()) {
                step.done(verdict.line());
            } else {
                step.failed(verdict.line());
            }
        }
    }

    private void expectProof(RunReport test) {
        var canary = test.results().canary();
        expectations.that(canary != null, "the restore test reads the recovery point from the canary rows");
        expectMet(test);
    }

    private void expectMet(RunReport report) {
        RunReport.Objectives objectives = report.objectives();
        expectations.that(
                objectives != null && objectives.met(),
                "the " + report.scenario() + " keeps the promised RTO and RPO: " + objectives);
    }

    /** Life goes on for a while: something to recover, something to keep. */
    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(BETWEEN.toMillis());
    }

    private void holdOn(Stack stack) throws IOException {
        console.line("");
        console.line("All is still up. In another terminal:");
        console.line("  . " + folder.path().resolve("environment"));
        console.line("  ./muster plan shipped:restore-test --system " + stack.systemFile());
        console.line("  ./muster run shipped:restore-test --system " + stack.systemFile());
        stack.temporalServer().ifPresent(server -> console.line("  The runs in the browser: " + server.webAddress()));
        console.line("Enter ends the demo.");
        int ignored = System.in.read();
    }
}
