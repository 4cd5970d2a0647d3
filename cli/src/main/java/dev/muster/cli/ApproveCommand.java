package dev.muster.cli;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.runbooks.plan.PlanText;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.approval.ApprovalClaims;
import dev.muster.workflows.approval.ApprovalTokens;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunStatus;
import io.temporal.client.WorkflowStub;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster approve}: shows the plan that a run waits with, and lets it pass with a signature. */
@Command(
        name = "approve",
        description = {
            "Shows the plan that a run waits with and, after a yes, signs an approval of exactly that plan.",
            "Speaks to Temporal without the API, with a key of one's own; with the API: muster runs approve."
        },
        mixinStandardHelpOptions = true)
public final class ApproveCommand implements Callable<Integer> {
    private static final Duration VALID = Duration.ofMinutes(15);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "The run's workflow id, such as change/orders.")
    private String workflowId = "";

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "Your private key (*.private.jwk).")
    private Path keyFile = Path.of("");

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--plan",
            paramLabel = "HASH",
            description = "Approve only if the plan has this hash: for whoever has read it elsewhere.")
    private @Nullable String expectedPlan;

    @Override
    public Integer call() throws IOException {
        ApproverKey key = ApproverKey.read(keyFile);
        if (!key.canSign()) {
            throw new IOException(keyFile + " is only the public half of the key of " + key.subject()
                    + "; approving takes the private one, " + key.subject() + ".private.jwk.");
        }
        PrintWriter out = spec.commandLine().getOut();
        BreakGlass.workflowId(workflowId, "approve");
        try (TemporalConnection temporal = TemporalConnection.forOperator(RunCommand.CONNECT)) {
            WorkflowStub run = temporal.client().newUntypedWorkflowStub(workflowId);
            RunStatus status = run.query("status", RunStatus.class);
            RunStatus.Waiting waiting = status.waiting();
            if (waiting == null) {
                out.println("NOT_WAITING: The run does not wait for an approval (" + status.state()
                        + "). Hint: muster status " + workflowId);
                out.flush();
                return ExitCode.NOT_APPROVED;
            }
            String hash = Objects.requireNonNull(status.planHash());
            if (expectedPlan != null && !expectedPlan.equals(hash)) {
                out.println("APPROVAL_OTHER_PLAN: The run's plan is " + hash + ", not " + expectedPlan
                        + ". Hint: read the new plan before you approve it.");
                out.flush();
                return ExitCode.NOT_APPROVED;
            }
            // Read back by its hash, so that what is shown is what is signed.
            out.println(PlanText.render(StoredPlan.read(run.query("plan", String.class), hash)));
            out.flush();
            if (!yes && !confirmed(out, key.subject())) {
                out.println("Not approved; the run goes on waiting.");
                out.flush();
                return ExitCode.NOT_APPROVED;
            }
            ApprovalAnswer answer = run.update("approve", ApprovalAnswer.class, token(key, status, waiting, hash));
            out.println(answer.code() + ": " + answer.message());
            out.flush();
            return answer.accepted() ? ExitCode.SUCCESS : ExitCode.NOT_APPROVED;
        }
    }

    /** The token by which a person lets the plan pass that the run waits with. */
    public static String token(ApproverKey key, RunStatus status, RunStatus.Waiting waiting, String planHash) {
        Instant now = Instant.now();
        return ApprovalTokens.mint(
                key,
                new ApprovalClaims(
                        UlidCreator.getMonotonicUlid().toString(),
                        status.workflowId(),
                        status.runId(),
                        waiting.gate(),
                        planHash,
                        waiting.lossSeconds(),
                        status.requester(),
                        now,
                        now.plus(VALID)));
    }

    private static boolean confirmed(PrintWriter out, String subject) throws IOException {
        out.print("Approve this plan as " + subject + "? [y/N] ");
        out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String answer = in.readLine();
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }
}
