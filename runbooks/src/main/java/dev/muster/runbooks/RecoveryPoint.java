package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** A definite point that replay stops at. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RecoveryPoint.Time.class, name = "time"),
    @JsonSubTypes.Type(value = RecoveryPoint.Position.class, name = "lsn"),
    @JsonSubTypes.Type(value = RecoveryPoint.Transaction.class, name = "xid"),
    @JsonSubTypes.Type(value = RecoveryPoint.Named.class, name = "name"),
    @JsonSubTypes.Type(value = RecoveryPoint.Latest.class, name = "latest")
})
public sealed interface RecoveryPoint {
    /** In words, for people. */
    String describe();

    /** The last commit at or before (inclusive) or before (exclusive) a moment. */
    record Time(Instant time, boolean inclusive) implements RecoveryPoint {
        @Override
        public String describe() {
            return "time " + time + (inclusive ? "" : " (exclusive)");
        }
    }

    /** Up to the WAL record that starts at a position, with it or without it. */
    record Position(WalPosition lsn, boolean inclusive) implements RecoveryPoint {
        @Override
        public String describe() {
            return "position " + lsn + (inclusive ? "" : " (exclusive)");
        }
    }

    /**
     * Up to the end of one transaction, with it or without it.
     *
     * @param xid 3 to 4294967295
     */
    record Transaction(long xid, boolean inclusive) implements RecoveryPoint {
        public static final long LOWEST = 3;
        public static final long HIGHEST = 0xFFFFFFFFL;

        public Transaction {
            if (xid < LOWEST || xid > HIGHEST) {
                throw new IllegalArgumentException("Not a transaction id: " + xid);
            }
        }

        @Override
        public String describe() {
            return "transaction " + xid + (inclusive ? "" : " (exclusive)");
        }
    }

    /** A restore point made by pg_create_restore_point; 1 to 63 bytes. */
    record Named(String name) implements RecoveryPoint {
        public Named {
            if (!possible(name)) {
                throw new IllegalArgumentException("A restore point's name has 1 to 63 bytes.");
            }
        }

        /** Whether PostgreSQL would take this name. */
        public static boolean possible(String name) {
            return !name.isEmpty() && name.getBytes(StandardCharsets.UTF_8).length <= 63;
        }

        @Override
        public String describe() {
            return "restore point '" + name + "'";
        }
    }

    /** All WAL that is in the store. */
    record Latest() implements RecoveryPoint {
        @Override
        public String describe() {
            return "the end of the stored WAL";
        }
    }
}
