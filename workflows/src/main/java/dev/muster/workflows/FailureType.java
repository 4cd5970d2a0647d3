package dev.muster.workflows;

/**
 * Why an activity failed, in the one vocabulary that workflows decide by. The name is the type of the Temporal
 * failure; what went wrong in particular is the code in its message, listed in docs/reference/errors.md.
 */
public enum FailureType {
    /** The request cannot be met as it stands: bad input, a target that cannot be reached. A retry meets the same. */
    REFUSED(false),
    /** The executing worker does not accept the authority: token, plan, epoch. A retry meets the same. */
    NOT_AUTHORISED(false),
    /** What was read is damaged or contradicts itself: a flipped bit, a wrong key, a gap in the WAL. */
    DAMAGED(false),
    /** A check ran and its expectation does not hold. */
    CHECK_FAILED(false),
    /** Something needed is away or full for now: store, database, disk. A retry may find it back. */
    UNAVAILABLE(true),
    /** A fault nobody foresaw; retried within the step's bounds. */
    UNEXPECTED(true);

    private final boolean retryable;

    FailureType(boolean retryable) {
        this.retryable = retryable;
    }

    public boolean retryable() {
        return retryable;
    }
}
