package dev.muster.postgres.promotion;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.standby.MemberServer;
import dev.muster.postgres.standby.Replay;
import dev.muster.postgres.standby.StoreWal;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes a standby the primary. It is called after the old one was demoted, or was proved down or fenced: this class
 * cannot see that. Each step may be repeated.
 */
public final class Promotion {
    /** From the first moment on the new timeline to the first write: a checkpoint record, no checkpoint. */
    private static final Duration LONGEST_END_OF_RECOVERY = Duration.ofSeconds(10);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final MemberServer server;
    private final Clock clock;

    public Promotion(MemberServer server, Clock clock) {
        this.server = server;
        this.clock = clock;
    }

    /**
     * Where the target comes from and must have come.
     *
     * @param systemId of the cluster
     * @param timeline of the old primary
     * @param position that must be replayed: the demotion's, or in a failover what the approval rests on
     * @param exact whether the old primary wrote nothing beyond it, so that more would be of another past
     */
    public record Goal(String systemId, int timeline, Lsn position, boolean exact) {
        /** Of a switchover: no loss. */
        public static Goal of(Demotion.Demoted demoted) {
            ShutdownCheckpoint last = demoted.last();
            return new Goal(last.systemId(), last.timeline(), last.end(), true);
        }
    }

    /**
     * A new primary.
     *
     * @param timeline its own
     * @param left where it left the old one
     * @param writableAt when it was first seen to take writes; empty if an earlier attempt had promoted it
     */
    public record Promoted(int timeline, Lsn left, Optional<Instant> writableAt) {}

    /**
     * Waits until the target has replayed the goal, whether it is streamed by the stopping primary or comes from the
     * store.
     *
     * @param store open on the target where the primary may have died before it had sent everything
     * @return where replay stands
     * @throws PostgresException REPLAY_BEHIND, MEMBER_DOWN, CANCELLED, what {@link #check} throws
     */
    public Lsn reach(Goal goal, Optional<StoreWal> store, Duration limit) {
        if (promotedFrom(goal).isPresent()) {
            return goal.position();
        }
        try {
            Replay.await(server, goal.position(), limit);
        } catch (PostgresException behind) {
            store.flatMap(StoreWal::trouble).ifPresent(behind::addSuppressed);
            throw behind;
        }
        return check(goal);
    }

    /**
     * Refuses a target that is not the old primary's descendant or lacks something.
     *
     * @return where replay stands
     * @throws PostgresException SYSTEM_MISMATCH, TIMELINE_STRANGE, WAL_DIVERGED, REPLAY_BEHIND, MEMBER_UNREACHABLE
     */
    public Lsn check(Goal goal) {
        String systemId = answer("select system_identifier from pg_control_system()");
        if (!systemId.equals(goal.systemId())) {
            throw new PostgresException(
                    "SYSTEM_MISMATCH",
                    "Member " + server.name() + " is of system " + systemId + ", the primary of " + goal.systemId(),
                    "Check the description of the system.");
        }
        int timeline = Integer.parseInt(answer("select greatest((select timeline_id from pg_control_checkpoint()),"
                + " (select min_recovery_end_timeline from pg_control_recovery()))"));
        Lsn at = Replay.position(server).orElse(Lsn.INVALID);
        if (timeline != goal.timeline()) {
            // A cascade may not have noted the newest timeline yet, but never notes one that it has not replayed.
            TimelineHistory history = history(goal.timeline()).orElse(new TimelineHistory(goal.timeline(), List.of()));
            Ancestry.refuseDiverged(server.name(), timeline, Lsn.INVALID, history);
        }
        if (at.isBefore(goal.position())) {
            throw new PostgresException(
                    "REPLAY_BEHIND",
                    "Member " + server.name() + " has replayed up to " + at + ", not up to " + goal.position(),
                    "Wait for it first; nothing was promoted.");
        }
        if (goal.exact() && at.isAfter(goal.position())) {
            throw new PostgresException(
                    "WAL_DIVERGED",
                    "Member " + server.name() + " has replayed up to " + at + ", and the primary ended at "
                            + goal.position() + ": it is not of this primary's past",
                    "Undo the demotion, and find out whom this member followed.");
        }
        return at;
    }

    private String answer(String sql) {
        return server.ask(sql)
                .orElseThrow(() -> new PostgresException(
                        "MEMBER_UNREACHABLE",
                        "Member " + server.name() + " does not answer",
                        "Is it up? Read " + server.server().log() + "."));
    }

    /**
     * Replays what the store has beyond the target, for a failover; the target must not stream any more.
     *
     * @return where replay stands: what the loss is counted from
     */
    public Lsn replayStore(StoreWal store, Duration limit) {
        return store.awaitReplay(limit);
    }

    /**
     * Promotes, and waits until writes are taken on the new timeline.
     *
     * @throws PostgresException what {@link #check} throws; PROMOTION_INCOMPLETE if it does not leave recovery within
     *     the limit, or has left the old timeline before the goal
     */
    public Promoted promote(Goal goal, Duration limit) {
        Optional<Promoted> before = promotedFrom(goal);
        if (before.isPresent()) {
            return before.get();
        }
        try {
            check(goal);
        } catch (PostgresException e) {
            // The promotion that a killed attempt asked for may be ending just now, on the new timeline already.
            if (!e.code().equals("TIMELINE_STRANGE") || !leavesRecovery()) {
                throw e;
            }
            return promotedFrom(goal).orElseThrow(() -> e);
        }
        request();
        server.await(
                () -> server.inRecovery().map(in -> !in).orElse(false),
                true,
                limit,
                () -> new PostgresException(
                        "PROMOTION_INCOMPLETE",
                        "Member " + server.name() + " was told to promote and has not left recovery within "
                                + limit.toSeconds() + " s",
                        "There is no way back from here. Read "
                                + server.server().log() + ", then call this again."));
        Instant writable = clock.instant();
        Promoted now = promotedFrom(goal).orElseThrow();
        return new Promoted(now.timeline(), now.left(), Optional.of(writable));
    }

    private boolean leavesRecovery() {
        long deadline = System.nanoTime() + LONGEST_END_OF_RECOVERY.toNanos();
        while (server.inRecovery().orElse(true)) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        return true;
    }

    /** The request of an attempt that was killed may be done by now. */
    private void request() {
        try {
            server.requestPromotion();
        } catch (PostgresException e) {
            if (server.inRecovery().orElse(true)) {
                throw e;
            }
        }
    }

    /** What became of it, if it is a primary. */
    private Optional<Promoted> promotedFrom(Goal goal) {
        if (server.inRecovery().orElse(true)) {
            return Optional.empty();
        }
        int timeline = Integer.parseInt(
                answer("select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"));
        Lsn left = history(timeline)
                .flatMap(history -> history.endOf(goal.timeline()))
                .orElseThrow(() -> new PostgresException(
                        "TIMELINE_STRANGE",
                        "Member " + server.name() + " takes writes on timeline " + timeline
                                + ", which does not come from timeline " + goal.timeline(),
                        "Somebody else made it a primary. Find out who; do not start the old primary."));
        if (left.isBefore(goal.position())) {
            throw new PostgresException(
                    "PROMOTION_INCOMPLETE",
                    "Member " + server.name() + " has left timeline " + goal.timeline() + " at " + left + ", before "
                            + goal.position(),
                    "Somebody promoted it before it had everything: what the old primary wrote after that position"
                            + " is there alone. Keep it.");
        }
        return Optional.of(new Promoted(timeline, left, Optional.empty()));
    }

    private Optional<TimelineHistory> history(int timeline) {
        Path file = server.dataDirectory().resolve("pg_wal").resolve(SegmentName.history(timeline));
        try {
            return Files.exists(file)
                    ? Optional.of(TimelineHistory.parse(timeline, Files.readAllBytes(file)))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
