package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One member as it answered.
 *
 * @param member its name; also the {@code application_name} that it streams under
 * @param observedAt by the observer's clock, before the question was asked
 * @param serverTime by the server's clock
 * @param serverVersion such as 180006
 * @param systemId the cluster's identity in decimal
 * @param timeline that it writes, or the newest that it has received or replayed
 * @param position how far it is
 * @param receiver empty if it streams from nobody; its fields are empty where the role may not see them (pg_monitor)
 * @param synchronousNames {@code synchronous_standby_names} as written
 * @param synchronousCommit {@code synchronous_commit} as it applies to the observer's sessions
 * @param readOnly {@code default_transaction_read_only}
 * @param checksums whether pages carry check sums
 */
public record Observation(
        String member,
        Instant observedAt,
        Instant serverTime,
        int serverVersion,
        String systemId,
        int timeline,
        Position position,
        Optional<Receiver> receiver,
        List<Slot> slots,
        List<Sender> senders,
        String synchronousNames,
        String synchronousCommit,
        boolean readOnly,
        boolean checksums) {
    public Observation {
        slots = List.copyOf(slots);
        senders = List.copyOf(senders);
    }

    /** How far a member is in the WAL. */
    public sealed interface Position {
        /** The end of the WAL that it certainly has on disk. */
        Lsn durable();

        /** A server that takes writes. */
        record Writing(Lsn inserted, Lsn flushed) implements Position {
            @Override
            public Lsn durable() {
                return flushed;
            }
        }

        /**
         * A server in recovery.
         *
         * @param received end of what was received and flushed, or of what was replayed if that is more
         * @param lastCommit time of the last replayed commit, by the clock of whoever committed it
         * @param paused whether replay stands still by request or by a conflict of settings
         */
        record Replaying(Lsn received, Lsn replayed, Optional<Instant> lastCommit, boolean paused) implements Position {
            @Override
            public Lsn durable() {
                return received;
            }
        }
    }

    /**
     * The process that receives WAL.
     *
     * @param status such as {@code streaming}
     * @param upstream host and port
     */
    public record Receiver(String status, Optional<String> upstream, Optional<String> slot) {
        public boolean streaming() {
            return status.equals("streaming");
        }
    }

    /**
     * A replication slot.
     *
     * @param walStatus reserved, extended, unreserved or lost; empty if it has reserved nothing yet
     * @param safeBytes how much can be written until it may lose its WAL; empty if nothing bounds it
     */
    public record Slot(
            String name,
            boolean physical,
            boolean active,
            Optional<Lsn> restart,
            Optional<String> walStatus,
            Optional<Long> safeBytes) {
        public boolean lost() {
            return walStatus.map("lost"::equals).orElse(false);
        }
    }

    /**
     * A row of pg_stat_replication.
     *
     * @param state such as streaming, catchup, backup
     * @param syncState async, potential, sync or quorum
     */
    public record Sender(
            String applicationName,
            Optional<String> address,
            String state,
            String syncState,
            Optional<Lsn> sent,
            Optional<Lsn> flushed,
            Optional<Lsn> replayed,
            Optional<Duration> flushLag,
            Optional<Duration> replayLag) {}

    public boolean inRecovery() {
        return position instanceof Position.Replaying;
    }
}
