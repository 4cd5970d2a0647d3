package dev.muster.runbooks.schedule;

import dev.muster.runbooks.Name;
import java.time.Duration;
import java.util.Optional;

/**
 * When runs of a runbook start by themselves: what a {@code kind: Schedule} document says, defaults filled in.
 *
 * @param name its own, unique within the system
 * @param runbook a runbook's name, or {@code shipped:NAME}
 * @param jitter at most this much later than the timetable says
 * @param catchUp how late a run may still start after nobody could start it
 * @param paused the note that it is paused with; empty if the file does not pause it
 * @param approval whether the file says that each run asks for approval
 */
public record Schedule(
        String name,
        String system,
        String runbook,
        Timetable timetable,
        Duration jitter,
        Overlap overlap,
        Duration catchUp,
        Optional<String> paused,
        boolean approval) {
    public static final Duration LONGEST_JITTER = Duration.ofHours(12);
    public static final Duration SHORTEST_CATCH_UP = Duration.ofMinutes(1);
    public static final Duration LONGEST_CATCH_UP = Duration.ofDays(7);
    public static final Duration DEFAULT_CATCH_UP = Duration.ofHours(6);

    public Schedule {
        Name.check("schedule", name);
        Name.check("system", system);
        if (jitter.isNegative() || jitter.compareTo(LONGEST_JITTER) > 0) {
            throw new IllegalArgumentException("A jitter is 0 to 12h, not " + jitter);
        }
        if (catchUp.compareTo(SHORTEST_CATCH_UP) < 0 || catchUp.compareTo(LONGEST_CATCH_UP) > 0) {
            throw new IllegalArgumentException("A catch-up window is 1m to 7d, not " + catchUp);
        }
    }

    /** {@code <system>/<name>}: what commands, runs and the server call it. */
    public String fullName() {
        return system + "/" + name;
    }
}
