package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether what was shown may be done. */
final class Consent {
    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--plan",
            paramLabel = "HASH",
            description = "Do it only if the plan has this hash: for whoever has read it, with --dry-run.")
    private @Nullable String plan;

    /**
     * Before anything is read: a script that would have to be asked has been written wrongly.
     *
     * @throws CliException CONFIRMATION_NEEDED
     */
    void requireAnswerable() {
        if (!yes && plan == null && !Boolean.getBoolean("muster.terminal.input")) {
            throw new CliException(
                    "CONFIRMATION_NEEDED",
                    "This deletes backups, and there is no terminal to ask on. Nothing was done.",
                    "Read the plan with --dry-run, then repeat it with --plan HASH, or with --yes whatever the plan says.",
                    ExitCode.BAD_INPUT);
        }
    }

    /** @throws CliException EXPIRY_PLAN_CHANGED if the plan is not the one that was named */
    boolean given(Output output, String hash, String question) {
        if (plan != null) {
            if (!plan.equals(hash)) {
                throw new CliException(
                        "EXPIRY_PLAN_CHANGED",
                        "The plan has the hash " + hash + " now, not " + plan + ".",
                        "Nothing was deleted. Backups were made or ended since, or the rules are others: read the new"
                                + " plan.",
                        ExitCode.FAILED);
            }
            return true;
        }
        if (yes) {
            return true;
        }
        output.aside(question + " [y/N] ");
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String answer = in.readLine();
            return answer != null && answer.strip().equalsIgnoreCase("y");
        } catch (IOException e) {
            throw new UncheckedIOException("The answer cannot be read", e);
        }
    }
}
