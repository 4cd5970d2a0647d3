package dev.muster.runbooks;

import java.time.Instant;
import java.util.Optional;

/** What a runbook asks to recover to. */
public sealed interface Target {
    /**
     * Just before the commit of the destructive transaction, found in the WAL. The filters must leave exactly one.
     *
     * @param after it committed at or after this
     * @param before it committed before this
     * @param xid it is this transaction
     */
    record LastGoodPoint(Optional<Instant> after, Optional<Instant> before, Optional<Long> xid) implements Target {
        public static final LastGoodPoint ANY = new LastGoodPoint(Optional.empty(), Optional.empty(), Optional.empty());

        public LastGoodPoint {
            if (after.isPresent() && before.isPresent() && !after.get().isBefore(before.get())) {
                throw new IllegalArgumentException("after must be earlier than before");
            }
        }
    }

    /** The point that the runbook names itself. */
    record Fixed(RecoveryPoint point) implements Target {}
}
