package dev.muster.cli;

import dev.muster.runbooks.plan.PlanText;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;
import io.temporal.client.WorkflowStub;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster plan}: what a run would do in the state of this moment; touches nothing. */
@Command(
        name = "plan",
        description = {
            "Shows what a runbook would do in the present state; touches nothing.",
            "Speaks to Temporal without the API; with the API: muster runs start --dry-run."
        },
        mixinStandardHelpOptions = true)
public final class PlanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws InterruptedException {
        RunbookFiles.LoadedRunbook loaded = options.load();
        PrintWriter out = spec.commandLine().getOut();
        try (TemporalConnection temporal = TemporalConnection.forOperator(RunCommand.CONNECT)) {
            RunRequest request = options.request(loaded, true);
            WorkflowStub run = new RunStarter(temporal.client())
                    .start(
                            loaded.resolved().runbook().scenario(),
                            loaded.resolved().system().name(),
                            request);
            RunReport report = new RunFollower(run, new StepPrinter(out)).follow();
            if (report.verdict() != RunReport.Verdict.PLANNED) {
                out.println(report.summary());
                out.flush();
                return ExitCode.FAILED;
            }
            StoredPlan plan =
                    StoredPlan.read(run.query("plan", String.class), Objects.requireNonNull(report.planHash()));
            out.println();
            out.println(PlanText.render(plan));
            out.flush();
            return ExitCode.SUCCESS;
        }
    }
}
