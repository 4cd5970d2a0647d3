package dev.muster.embedded.stack;

import dev.muster.cli.ApproveCommand;
import dev.muster.cli.RunFollower;
import dev.muster.cli.RunOptions;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;
import dev.muster.workflows.run.RunStatus;
import io.temporal.client.WorkflowStub;
import java.util.List;
import java.util.Objects;

/** Starts the shipped runbooks for the stack's system, follows and approves them. */
public final class Runs {
    private final Stack stack;

    public Runs(Stack stack) {
        this.stack = stack;
    }

    /** Starts a runbook, such as {@code shipped:backup}, for the requester. */
    public WorkflowStub start(String runbook) {
        RunbookFiles.LoadedRunbook loaded = RunbookFiles.read(
                        List.of(RunbookFiles.source(runbook), SourceText.of(stack.systemFile())))
                .only();
        RunRequest request = RunOptions.request(loaded, Stack.REQUESTER, false);
        return new RunStarter(stack.temporal().client())
                .start(loaded.resolved().runbook().scenario(), Stack.SYSTEM, request);
    }

    /** Follows a run to its end. */
    public RunReport follow(WorkflowStub run, RunFollower.Listener listener) throws InterruptedException {
        return new RunFollower(run, listener).follow();
    }

    /** Presents the approval of whoever owns the key, for the plan that the run waits with. */
    public ApprovalAnswer approve(WorkflowStub run, ApproverKey key, RunStatus status) {
        return run.update(
                "approve",
                ApprovalAnswer.class,
                ApproveCommand.token(
                        key,
                        status,
                        Objects.requireNonNull(status.waiting()),
                        Objects.requireNonNull(status.planHash())));
    }
}
