package dev.muster.activities.recovery;

import dev.muster.activities.CheckFailedException;
import dev.muster.postgres.checks.Canary;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.workflows.recovery.CanaryReading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/** Reads the recovery point off the newest canary on a copy. */
final class CanaryCheck {
    private CanaryCheck() {}

    /** @param reference the moment that the loss is measured from */
    static CanaryReading read(CopyOnHost copy, RecoveryServer server, Instant reference) throws SQLException {
        try (Connection connection = copy.connect(server)) {
            Canary newest = Canary.newest(connection)
                    .orElseThrow(() -> new CheckFailedException(
                            "CANARY_MISSING",
                            "The copy has no canary row, so the recovery point cannot be measured.",
                            "Does something write canary rows to the live database, and did it before the target?"));
            double lost = newest.before(reference).toNanos() / 1e9;
            // A canary that was on its way when the question was asked is no negative loss.
            return new CanaryReading(newest.writtenAt(), reference, Math.max(0, lost));
        }
    }
}
