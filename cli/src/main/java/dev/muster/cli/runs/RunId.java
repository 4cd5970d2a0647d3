package dev.muster.cli.runs;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.util.Locale;
import picocli.CommandLine.Parameters;

/** The run that a verb is about. */
final class RunId {
    @Parameters(index = "0", paramLabel = "RUN", description = "The run's id, as 'muster runs list' shows it.")
    private String given = "";

    /** @throws CliException RUN_ID_INVALID */
    String value() {
        return of(given);
    }

    static String of(String given) {
        String id = given.toUpperCase(Locale.ROOT);
        if (!id.matches("[0-9A-HJKMNP-TV-Z]{26}")) {
            throw new CliException(
                    "RUN_ID_INVALID",
                    "'" + given + "' is no run's id, which has 26 letters and digits.",
                    given.contains("/")
                            ? "It looks like a workflow id: muster runs list shows the run's id beside it;"
                                    + " muster status " + given + " asks Temporal without the API."
                            : "muster runs list shows them.",
                    ExitCode.BAD_INPUT);
        }
        return id;
    }
}
