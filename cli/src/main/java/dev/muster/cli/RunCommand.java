package dev.muster.cli;

import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;
import io.temporal.client.WorkflowStub;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster run}: starts a runbook and follows it. */
@Command(
        name = "run",
        description = {
            "Runs a runbook and follows it to its end. Ending this command does not end the run.",
            "Speaks to Temporal without the API; with the API: muster runs start."
        },
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    static final Duration CONNECT = Duration.ofSeconds(15);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--no-wait", description = "Start it and return at once.")
    private boolean noWait;

    @Override
    public Integer call() throws InterruptedException {
        RunbookFiles.LoadedRunbook loaded = options.load();
        PrintWriter out = spec.commandLine().getOut();
        try (TemporalConnection temporal = TemporalConnection.forOperator(CONNECT)) {
            RunRequest request = options.request(loaded, false);
            WorkflowStub run = new RunStarter(temporal.client())
                    .start(
                            loaded.resolved().runbook().scenario(),
                            loaded.resolved().system().name(),
                            request);
            out.println("Run " + request.runId() + ", workflow id "
                    + run.getExecution().getWorkflowId());
            out.flush();
            if (noWait) {
                return ExitCode.SUCCESS;
            }
            RunReport report = new RunFollower(run, new StepPrinter(out)).follow();
            out.println();
            out.println(report.verdict() + ": " + report.summary());
            out.flush();
            return switch (report.verdict()) {
                case SUCCEEDED, PLANNED -> ExitCode.SUCCESS;
                case NOT_APPROVED -> ExitCode.NOT_APPROVED;
                case FAILED -> ExitCode.FAILED;
            };
        }
    }
}
