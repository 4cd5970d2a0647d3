package dev.muster.cli;

import dev.muster.runbooks.plan.PlanText;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster status}: where a run is, whom it waits for, what it has done. */
@Command(name = "status", description = "Shows where a run is and whom it waits for.", mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "The run's workflow id, such as change/orders.")
    private String workflowId = "";

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (TemporalConnection temporal = TemporalConnection.forOperator(RunCommand.CONNECT)) {
            RunStatus status =
                    temporal.client().newUntypedWorkflowStub(workflowId).query("status", RunStatus.class);
            out.println(
                    "Run " + PlanText.visible(status.runId() + " by " + status.requester()) + ": " + status.state());
            StepPrinter printer = new StepPrinter(out);
            status.steps().forEach(printer::step);
            for (ApprovalAnswer answer : status.answers()) {
                out.println(answer.at() + "  " + PlanText.visible(answer.code() + ": " + answer.message()));
            }
            RunStatus.Waiting waiting = status.waiting();
            if (waiting != null) {
                out.println("Waiting since " + waiting.since() + " until " + waiting.until()
                        + " for an approval by a person with the role " + waiting.role());
            }
            out.flush();
            return ExitCode.SUCCESS;
        }
    }
}
