package dev.muster.postgres.standby;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.time.Duration;
import java.util.Optional;

/** How far a member in recovery has replayed. */
public final class Replay {
    private Replay() {}

    /** Empty if it does not answer, is not in recovery, or has replayed nothing. */
    public static Optional<Lsn> position(MemberServer server) {
        return server.ask("select pg_last_wal_replay_lsn() where pg_is_in_recovery()")
                .map(Lsn::parse);
    }

    /**
     * Waits until a position is replayed, from wherever its WAL comes.
     *
     * @return where replay stands then
     * @throws PostgresException REPLAY_BEHIND, MEMBER_DOWN, CANCELLED
     */
    public static Lsn await(MemberServer server, Lsn goal, Duration limit) {
        server.await(
                () -> position(server).map(at -> !at.isBefore(goal)).orElse(false),
                true,
                limit,
                () -> behind(server, goal, Optional.empty()));
        return position(server).orElse(goal);
    }

    static PostgresException behind(MemberServer server, Lsn goal, Optional<PostgresException> trouble) {
        boolean paused = server.ask("select pg_get_wal_replay_pause_state()")
                .filter(state -> !state.equals("not paused"))
                .isPresent();
        return new PostgresException(
                "REPLAY_BEHIND",
                "Member " + server.name() + " has replayed up to "
                        + position(server).map(Lsn::toString).orElse("an unknown position") + ", not up to " + goal
                        + (paused ? "; its replay is paused" : "")
                        + trouble.map(why -> "; the store's WAL does not come: " + why.getMessage())
                                .orElse(""),
                paused
                        ? "Let it go on: select pg_wal_replay_resume()."
                        : "Does it stream, has its upstream or the store the WAL? Read "
                                + server.server().log() + ".");
    }
}
