package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.runbooks.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** For how long a run is followed, and how its end is told. */
final class WaitOptions {
    private static final Duration LONGEST = Duration.ofDays(30);

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait at most, such as 30m or 4h (default: 30d). The run goes on after it.")
    private @Nullable String timeout;

    Duration limit() {
        String given = timeout;
        if (given == null) {
            return LONGEST;
        }
        Duration limit = Durations.parse(given).orElse(Duration.ZERO);
        if (limit.isZero() || limit.isNegative() || limit.compareTo(LONGEST) > 0) {
            throw new CliException(
                    "OPTION_INVALID",
                    "--timeout '" + given + "' is no duration up to 30d.",
                    "Such as 90s, 30m or 4h.",
                    ExitCode.BAD_INPUT);
        }
        return limit;
    }

    /** The run's end for people, and the exit code that it means. */
    static int told(Output output, JsonNode run) {
        output.progress(Printable.line(RunTable.state(run) + ": " + Output.text(run.path("summary"))));
        return RunWatch.exitCode(run);
    }
}
