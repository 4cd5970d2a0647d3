package dev.muster.workflows.schedules;

import dev.muster.workflows.backup.Backup;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStatus;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A backup that lasts until its test says how it ends: by the signal "end" or "fail". */
public final class HeldBackup implements Backup {
    private @Nullable String told;

    @Override
    public RunReport run(RunRequest request) {
        Workflow.await(() -> told != null);
        if ("fail".equals(told)) {
            throw ApplicationFailure.newNonRetryableFailure("STORE_FULL: it is.", "UNAVAILABLE");
        }
        Instant now = Instant.ofEpochMilli(Workflow.currentTimeMillis());
        return new RunReport(
                RunReport.SCHEMA,
                request.runId(),
                Workflow.getInfo().getWorkflowId(),
                "backup",
                "orders",
                request.requester(),
                RunReport.Verdict.SUCCEEDED,
                "Held until told, of " + Objects.requireNonNull(request.schedule()),
                null,
                now,
                now,
                List.of(),
                List.of(),
                RunReport.Results.NONE,
                null);
    }

    @Override
    public RunStatus status() {
        return new RunStatus("", "", "", RunStatus.State.EXECUTING, null, null, List.of(), List.of());
    }

    @Override
    public String plan() {
        return "";
    }

    @Override
    public ApprovalAnswer approve(String token) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void approval(String token) {
        told = token;
    }
}
