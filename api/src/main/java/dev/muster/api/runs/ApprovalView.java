package dev.muster.api.runs;

import dev.muster.catalog.ApprovalRecord;
import dev.muster.workflows.run.ApprovalAnswer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/** An approval that was presented to a run, and what became of it. */
@Schema(name = "Approval", description = "An approval that was presented to a run, and what became of it")
record ApprovalView(
        boolean accepted,

        @Schema(description = "ACCEPTED, or the refusal's code")
        String code,

        @Schema(description = "The verified name; empty when the token could not be verified")
        String approver,

        String message,
        Instant at) {
    static ApprovalView of(ApprovalRecord approval) {
        return new ApprovalView(
                approval.accepted(), approval.code(), approval.approver(), approval.message(), approval.at());
    }

    static ApprovalView of(ApprovalAnswer answer) {
        return new ApprovalView(answer.accepted(), answer.code(), answer.approver(), answer.message(), answer.at());
    }
}
