package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.repository.Repository;
import dev.muster.repository.retention.KeepMarks;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster repo unkeep}. */
@Command(
        name = "unkeep",
        description = "Takes all marks of a backup away, also damaged ones; the next expiry judges it by the rules.",
        mixinStandardHelpOptions = true)
final class UnkeepRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Parameters(index = "0", paramLabel = "BACKUP", description = "Its id, as 'repo list' shows it.")
    private String backup = "";

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Whose backup.")
    private String source = "";

    @Override
    public Integer call() {
        int marks;
        try (Repository repository = options.open()) {
            marks = new KeepMarks(repository, source).unkeep(backup);
        }
        if (marks == 0) {
            throw new CliException(
                    "MARK_UNKNOWN",
                    "The backup " + backup + " of " + source + " has no mark.",
                    "muster repo show --source " + source + " --backup " + backup + " says what keeps it.",
                    ExitCode.BAD_INPUT);
        }
        Output output = options.output(spec);
        output.line(
                output.json()
                        ? JsonNodeFactory.instance
                                .objectNode()
                                .put("source", source)
                                .put("backup", backup)
                                .put("taken", marks)
                                .toString()
                        : "Took " + Amount.count(marks, "mark", "marks") + " away from backup " + backup + " of "
                                + source + ".");
        return ExitCode.SUCCESS;
    }
}
