package dev.muster.runbooks.plan;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.Observed;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a recovered copy lacks of the live database, as an interval. Pure. */
final class Losses {
    private Losses() {}

    static Plan.LossInterval ofCopy(TargetResolution target, BackupSelection selection, Observed observed) {
        boolean latest = target.target().point() instanceof RecoveryPoint.Latest;
        DatabaseObservation.Live live = observed.database().live();
        WalPosition stopsAt = target.stopsAt() == null && latest ? selection.replayTo() : target.stopsAt();
        Long bytes = live == null || stopsAt == null
                ? null
                : Math.max(0, live.walEnd().minus(stopsAt));
        Long most = seconds(target.time(), observed);
        // With the newest stored WAL the live database may have been idle since; with an older target it was not.
        long least = latest || most == null ? 0 : most;
        return new Plan.LossInterval(least, most, bytes, statement(latest, most, bytes));
    }

    private static @Nullable Long seconds(@Nullable Instant time, Observed observed) {
        return time == null
                ? null
                : Math.max(0, Duration.between(time, observed.at()).toSeconds());
    }

    private static String statement(boolean latest, @Nullable Long seconds, @Nullable Long bytes) {
        String time = seconds == null
                ? "an unknown time"
                : (latest ? "at most " : "") + Durations.format(Duration.ofSeconds(seconds));
        String wal = bytes == null ? "an unknown amount of WAL" : Sizes.format(bytes) + " of WAL";
        return "The copy lacks what was committed after its target: " + time + ", " + wal + ", as observed.";
    }
}
