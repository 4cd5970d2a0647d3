package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.members.Observation.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a standby is behind its primary.
 *
 * @param toReceive bytes of the primary's flushed WAL that it has not received
 * @param toReplay bytes of it that it has not replayed
 * @param age at most how old what it shows is; zero where it has replayed everything, however long ago the last commit
 *     was; empty where it lacks something and has replayed no commit since its start
 */
public record Lag(long toReceive, long toReplay, Optional<Duration> age) {
    /**
     * Both times are the primary's: commits carry its clock, so that the standby's may be wrong.
     *
     * @param flushed the primary's position
     * @param primaryTime the primary's clock when it was at that position
     */
    static Lag of(Lsn flushed, Instant primaryTime, Position.Replaying standby) {
        long toReceive = Math.max(0, flushed.minus(standby.received()));
        long toReplay = Math.max(0, flushed.minus(standby.replayed()));
        if (toReplay == 0) {
            return new Lag(toReceive, toReplay, Optional.of(Duration.ZERO));
        }
        Optional<Duration> age = standby.lastCommit().map(commit -> Duration.between(commit, primaryTime));
        return new Lag(toReceive, toReplay, age.map(one -> one.isNegative() ? Duration.ZERO : one));
    }
}
