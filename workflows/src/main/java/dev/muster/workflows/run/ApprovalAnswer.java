package dev.muster.workflows.run;

import java.time.Instant;

/**
 * What became of a presented approval; a refusal is an answer too, so that it stays in the history.
 *
 * @param code ACCEPTED, ALREADY_APPROVED, or the refusal's code
 * @param approver the verified name; empty when the token could not be verified
 * @param message what was decided and why, with a hint where it was refused
 */
public record ApprovalAnswer(boolean accepted, String code, String approver, String message, Instant at) {}
