package dev.muster.workflows.authority;

import org.jspecify.annotations.Nullable;

/**
 * Travels with every activity on a site or a host. The executing worker believes none of it: it verifies the token
 * with its own keys, the plan by its hash, and refuses an epoch below the highest that it has seen.
 *
 * @param system the system's name
 * @param runId the run's ULID
 * @param workflowId the run's workflow
 * @param requester who asked for the run
 * @param planHash SHA-256 of the plan's stored bytes, hexadecimal
 * @param epoch the system's epoch, rising with each changing run; 0 for a run that changes nothing
 * @param approval the approval's token; null only where the plan's scenario needs none
 */
public record Authority(
        String system,
        String runId,
        String workflowId,
        String requester,
        String planHash,
        long epoch,
        @Nullable String approval) {}
