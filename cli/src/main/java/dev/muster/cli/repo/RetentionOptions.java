package dev.muster.cli.repo;

import dev.muster.postgres.retention.WalPolicy;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.runbooks.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which backups are kept; one that any of these wants stays. */
final class RetentionOptions {
    private static final String VERB = "repo expire";

    @Option(names = "--keep-last", paramLabel = "NUMBER", description = "So many of the newest.")
    private int last;

    @Option(names = "--keep-within", paramLabel = "DURATION", description = "All that are no older, such as 30d.")
    private @Nullable String within;

    @Option(names = "--hourly", paramLabel = "NUMBER", description = "The newest of each of so many hours.")
    private int hourly;

    @Option(names = "--daily", paramLabel = "NUMBER", description = "The newest of each of so many days.")
    private int daily;

    @Option(names = "--weekly", paramLabel = "NUMBER", description = "Of so many weeks, which begin on Monday.")
    private int weekly;

    @Option(names = "--monthly", paramLabel = "NUMBER", description = "Of so many months.")
    private int monthly;

    @Option(names = "--yearly", paramLabel = "NUMBER", description = "Of so many years.")
    private int yearly;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            defaultValue = "UTC",
            description = "Where days begin, such as Europe/Berlin (default: ${DEFAULT-VALUE}).")
    private String zone = "UTC";

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Every point of this long until now can be recovered to: the newest backup before it stays,"
                    + " and the WAL since (default: 7d for PostgreSQL; else none).")
    private @Nullable String window;

    private boolean any() {
        return last != 0 || within != null || hourly != 0 || daily != 0 || weekly != 0 || monthly != 0 || yearly != 0;
    }

    /**
     * @param named whether backups are named to go: then without a rule all others stay
     * @throws dev.muster.repository.RepositoryException RETENTION_INVALID
     */
    RetentionPolicy policy(boolean postgres, boolean named) {
        if (!any() && !named) {
            throw Refusal.of("Nothing says what is to be kept: --keep-last, --keep-within, --daily and so on.", VERB);
        }
        RetentionRules rules = any()
                ? new RetentionRules(
                        last,
                        within == null ? Duration.ZERO : duration("--keep-within", within),
                        hourly,
                        daily,
                        weekly,
                        monthly,
                        yearly)
                : RetentionRules.all();
        return new RetentionPolicy(rules, zoneId()).withWindow(window(postgres));
    }

    private ZoneId zoneId() {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw Refusal.of("'" + zone + "' is no time zone; Europe/Berlin and UTC are some.", VERB);
        }
    }

    /** For backups and WAL alike: WAL is of no use without the backup before it. */
    Duration window(boolean postgres) {
        if (window != null) {
            return duration("--window", window);
        }
        return postgres ? WalPolicy.DEFAULT_WINDOW : Duration.ZERO;
    }

    private static Duration duration(String option, String text) {
        Duration parsed = Refusal.unless(
                Durations.parse(text), option + " '" + text + "' is no duration; 30d, 12h and 1d12h are some.", VERB);
        if (parsed.isZero() || parsed.isNegative()) {
            throw Refusal.of(option + " must be longer than nothing.", VERB);
        }
        return parsed;
    }
}
