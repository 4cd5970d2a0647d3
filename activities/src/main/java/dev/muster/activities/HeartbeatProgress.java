package dev.muster.activities;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TimeLeft;
import io.temporal.client.ActivityCompletionException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Tells a long copy's progress by heartbeats, and stops it when nobody waits for it any more. */
public final class HeartbeatProgress implements Progress {
    private final Heartbeats heartbeats;
    private final String what;
    private volatile String hindrance = "";
    private final TimeLeft left = new TimeLeft(System::nanoTime);

    /** @param what in a word, such as {@code restored} */
    public HeartbeatProgress(Heartbeats heartbeats, String what) {
        this.heartbeats = heartbeats;
        this.what = what;
    }

    @Override
    public void advanced(long done, long total) {
        heartbeats.progress(String.format(
                Locale.ROOT,
                "%s %,d of %,d MB (%d %%)%s%s",
                what,
                done / 1_000_000,
                total / 1_000_000,
                total == 0 ? 0 : Math.min(100, done * 100 / total),
                left.after(done, total).map(HeartbeatProgress::told).orElse(""),
                hindrance.isEmpty() ? "" : "; " + hindrance));
    }

    @Override
    public void hindered(Optional<PostgresException> why) {
        hindrance = why.map(trouble ->
                        "held up by " + trouble.code() + ": " + trouble.getMessage() + " Hint: " + trouble.hint())
                .orElse("");
        if (!hindrance.isEmpty()) {
            // Before the first byte there is no other news.
            heartbeats.progress(hindrance);
        }
    }

    private static String told(Duration left) {
        return left.compareTo(Duration.ofMinutes(2)) < 0
                ? ", about " + left.toSeconds() + " s left"
                : ", about " + left.toMinutes() + " min left";
    }

    @Override
    public boolean cancelled() {
        try {
            heartbeats.check();
            return false;
        } catch (ActivityCompletionException e) {
            return true;
        }
    }
}
