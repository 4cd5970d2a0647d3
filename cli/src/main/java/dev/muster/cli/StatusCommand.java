package dev.muster.cli;

import dev.muster.cli.access.ApiStatus;
import dev.muster.cli.context.ApiOptions;
import dev.muster.runbooks.plan.PlanText;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunStatus;
import io.temporal.client.WorkflowStub;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster status}: how the API is; with a workflow id, where that run is, asked of Temporal itself. */
@Command(
        name = "status",
        description = {
            "Without RUN: how the API is, who you are for it, what is under way.",
            "With RUN: where that run is and whom it waits for, asked of Temporal without the API."
        },
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "RUN",
            description = "The run's workflow id, such as change/orders.")
    private @Nullable String run;

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws InterruptedException {
        String workflowId = run;
        if (workflowId == null) {
            ApiStatus.show(options, options.output(spec));
            return ExitCode.SUCCESS;
        }
        if (options.given()) {
            // A context names no Temporal: with one, this would silently ask another installation.
            throw new ParameterException(
                    spec.commandLine(),
                    "status RUN asks Temporal (TEMPORAL_ADDRESS), without context or json. Over the API: muster runs show.");
        }
        return temporal(BreakGlass.workflowId(workflowId, "show"));
    }

    private int temporal(String workflowId) {
        PrintWriter out = spec.commandLine().getOut();
        try (TemporalConnection temporal = TemporalConnection.forOperator(RunCommand.CONNECT)) {
            WorkflowStub asked = temporal.client().newUntypedWorkflowStub(workflowId);
            RunStatus status = asked.query("status", RunStatus.class);
            out.println(
                    "Run " + PlanText.visible(status.runId() + " by " + status.requester()) + ": " + status.state());
            StepPrinter printer = new StepPrinter(out);
            status.steps().forEach(printer::step);
            TriedAgain.of(asked).forEach(printer::triedAgain);
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
