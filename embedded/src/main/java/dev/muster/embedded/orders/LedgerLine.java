package dev.muster.embedded.orders;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One line of the ledger. */
public sealed interface LedgerLine {
    /**
     * The payments that were there before the writer began.
     *
     * @param position a position at which all of them were committed
     */
    record Base(PaymentsDigest payments, Lsn position, Instant at) implements LedgerLine {}

    /**
     * A transaction that is about to commit: written before the COMMIT is sent, so that nothing can be committed
     * without a line here, whoever dies.
     *
     * @param sequence from 1 on, without gaps
     * @param xid PostgreSQL's transaction id with its epoch, in decimal
     * @param before a position before the commit's WAL record
     */
    record Intent(long sequence, String xid, Lsn before, List<Payment> payments, Instant at) implements LedgerLine {
        public Intent {
            payments = List.copyOf(payments);
        }
    }

    /**
     * What became of it, when the server has said so.
     *
     * @param after a position at or after the end of the commit's WAL record; empty when it was rolled back
     */
    record Outcome(long sequence, Optional<Lsn> after, Instant at) implements LedgerLine {
        public boolean committed() {
            return after.isPresent();
        }
    }
}
