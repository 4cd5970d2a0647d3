package dev.muster.repository.expiry;

import java.util.List;

/**
 * What an expiry did.
 *
 * @param expired committed backups that no longer count
 * @param aborted backups that were decided against
 * @param spared backups that the plan named and that stay: somebody marked them or began to
 *     restore them meanwhile, or their COMMIT is locked
 * @param objects how many were deleted
 * @param locked objects that could not be deleted yet; the next expiry tries again
 * @param waitingFor why nothing, or not all, was deleted: backups that are being made
 * @param temporaryFiles of killed writers, deleted in a local store
 */
public record ExpiryResult(
        List<String> expired,
        List<String> aborted,
        List<String> spared,
        long objects,
        List<String> locked,
        List<Running> waitingFor,
        int temporaryFiles) {
    public ExpiryResult {
        expired = List.copyOf(expired);
        aborted = List.copyOf(aborted);
        spared = List.copyOf(spared);
        locked = List.copyOf(locked);
        waitingFor = List.copyOf(waitingFor);
    }

    /** Whether nothing is left for the next expiry. */
    public boolean complete() {
        return spared.isEmpty() && locked.isEmpty() && waitingFor.isEmpty();
    }
}
