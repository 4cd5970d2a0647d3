package dev.muster.cli;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster runbook}: work on runbook files, without any server. */
@Command(
        name = "runbook",
        description = "Checks runbooks and systems.",
        mixinStandardHelpOptions = true,
        subcommands = {RunbookCommand.Validate.class, HelpCommand.class})
public final class RunbookCommand {
    /** Says every problem of the files, with file, line and field. */
    @Command(
            name = "validate",
            description = "Says every problem of runbooks and systems, with file, line and field.",
            mixinStandardHelpOptions = true)
    static final class Validate implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files or folders, or shipped:NAME.")
        private List<String> files = List.of();

        @Option(names = "--system", paramLabel = "FILE", description = "Further files with systems.")
        private List<Path> systems = List.of();

        @Override
        public Integer call() {
            RunbookFiles.Loaded loaded = files.stream().anyMatch(file -> file.startsWith("shipped:"))
                    ? RunbookFiles.read(Stream.concat(
                                    files.stream().map(RunbookFiles::source),
                                    systems.stream().map(SourceText::of))
                            .toList())
                    : RunbookFiles.load(Stream.concat(files.stream().map(Path::of), systems.stream())
                            .toArray(Path[]::new));
            if (loaded.systems().isEmpty() && loaded.runbooks().isEmpty()) {
                throw new RunbookException(Problem.of(
                        "NOTHING_TO_VALIDATE",
                        "There is no runbook and no system in " + String.join(", ", files) + ".",
                        "Is it the right folder? Files end in .yaml or .yml and start with apiVersion: muster/v1."));
            }
            loaded.systems().stream()
                    .flatMap(system -> system.warnings().stream())
                    .forEach(warning -> spec.commandLine().getOut().println("warning  " + warning));
            loaded.systems()
                    .forEach(system -> spec.commandLine()
                            .getOut()
                            .println("system   " + system.system().name() + "  ok"));
            loaded.runbooks()
                    .forEach(runbook -> spec.commandLine()
                            .getOut()
                            .println("runbook  " + runbook.resolved().runbook().name() + "  ok, for "
                                    + runbook.resolved().system().name()));
            return ExitCode.SUCCESS;
        }
    }
}
