package dev.muster.catalog;

import java.time.Instant;

/**
 * An approval that was presented to a run, and what became of it.
 *
 * @param code ACCEPTED or the refusal's code
 * @param approver the verified name; empty when it could not be verified
 */
public record ApprovalRecord(boolean accepted, String code, String approver, String message, Instant at) {}
