package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.repo.RepoCommand;
import dev.muster.cli.repo.RestoreCommand;
import dev.muster.cli.wal.WalCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class UsageErrorsTest {
    @Command(
            name = "muster",
            subcommands = {RepoCommand.class, RestoreCommand.class, WalCommand.class})
    static final class Root {}

    private static String said(int exit, String... arguments) {
        StringWriter err = new StringWriter();
        CommandLine line = Errors.configure(new CommandLine(new Root()));
        line.setErr(new PrintWriter(err, true));
        assertThat(line.execute(arguments)).isEqualTo(exit);
        return err.toString();
    }

    @Test
    void whatIsMissingIsSaidInOneLineAndNotAboveThePageOfAllOptions() {
        assertThat(said(ExitCode.BAD_INPUT, "repo", "keep", "ID", "--source", "orders", "--store", "file:///x"))
                .isEqualTo(
                        "OPTIONS_REFUSED: Missing required option: '--why=TEXT'. Hint: muster repo keep --help says what"
                                + " each option takes.\n");
        assertThat(said(ExitCode.BAD_INPUT, "restore", "--sorce", "orders"))
                .startsWith("OPTIONS_REFUSED: ")
                .doesNotContain("Usage:");
        assertThat(said(ExitCode.BAD_INPUT, "repo")).contains("muster repo --help says which commands there are");
    }

    @Test
    void theListOfCommandsSaysWholeSentences() {
        CommandLine root = new CommandLine(new Root());
        for (CommandLine command : root.getSubcommands().values()) {
            assertWholeSentence(command);
            command.getSubcommands().values().forEach(UsageErrorsTest::assertWholeSentence);
        }
    }

    private static void assertWholeSentence(CommandLine command) {
        String[] description = command.getCommandSpec().usageMessage().description();
        assertThat(description[0]).as(command.getCommandName()).endsWith(".");
    }
}
