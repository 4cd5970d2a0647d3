package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Where replay stops. Each knows the settings by which PostgreSQL is told so. */
public sealed interface RecoveryTarget {
    /** PostgreSQL's recovery_target settings for this. Empty where replay takes all WAL there is. */
    Map<String, String> settings();

    /** In words, for messages and reports. */
    String describe();

    /**
     * The last transaction committed at or before (inclusive) or before (exclusive) a moment.
     *
     * @param time a moment, so that no session's time zone can be mistaken
     */
    record Time(Instant time, boolean inclusive) implements RecoveryTarget {
        private static final DateTimeFormatter FORM =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSXXX", Locale.ROOT);

        @Override
        public Map<String, String> settings() {
            // "Z" and "+00:00" are both a zone to PostgreSQL; without one it would take the server's.
            String text =
                    OffsetDateTime.ofInstant(time, ZoneOffset.UTC).format(FORM).replace("Z", "+00:00");
            return Map.of("recovery_target_time", text, "recovery_target_inclusive", inclusive ? "on" : "off");
        }

        @Override
        public String describe() {
            return "time " + time + (inclusive ? "" : " (exclusive)");
        }
    }

    /** Up to the record that starts at a position, with it (inclusive) or without it. */
    record Position(Lsn lsn, boolean inclusive) implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target_lsn", lsn.toString(), "recovery_target_inclusive", inclusive ? "on" : "off");
        }

        @Override
        public String describe() {
            return "position " + lsn + (inclusive ? "" : " (exclusive)");
        }
    }

    /**
     * Up to the end of one transaction, with it or without it.
     *
     * @param xid the 32-bit transaction id as WAL has it, 3 to 4294967295
     */
    record Transaction(long xid, boolean inclusive) implements RecoveryTarget {
        public Transaction {
            if (xid < 3 || xid > 0xFFFFFFFFL) {
                throw new IllegalArgumentException("Not a transaction id: " + xid);
            }
        }

        @Override
        public Map<String, String> settings() {
            return Map.of(
                    "recovery_target_xid", Long.toString(xid), "recovery_target_inclusive", inclusive ? "on" : "off");
        }

        @Override
        public String describe() {
            return "transaction " + xid + (inclusive ? "" : " (exclusive)");
        }
    }

    /** A restore point made by pg_create_restore_point; at most 63 bytes. */
    record Named(String name) implements RecoveryTarget {
        public Named {
            if (name.isEmpty() || name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 63) {
                throw new IllegalArgumentException("A restore point's name has 1 to 63 bytes.");
            }
        }

        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target_name", name);
        }

        @Override
        public String describe() {
            return "restore point '" + name + "'";
        }
    }

    /** As early as the backup is consistent: its end. */
    record Immediate() implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of("recovery_target", "immediate");
        }

        @Override
        public String describe() {
            return "the end of the backup";
        }
    }

    /** All WAL that is in the store. */
    record Latest() implements RecoveryTarget {
        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public String describe() {
            return "the end of the stored WAL";
        }
    }
}
