package dev.muster.cli.systems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.cli.output.Table;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.lookup.HostLookup;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster systems}: what is protected, as the catalogue has it. */
@Command(
        name = "systems",
        description = "Lists, shows and changes the systems that the API knows.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SystemsCommand.ListAll.class,
            SystemsCommand.Show.class,
            SystemsCommand.Put.class,
            SystemsCommand.Check.class,
            HelpCommand.class
        })
public final class SystemsCommand {
    /** Shows all. */
    @Command(name = "list", description = "Lists the systems.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Override
        public Integer call() throws InterruptedException {
            Answer answer = options.connect().get(ApiClient.path("systems"));
            Output output = options.output(spec);
            if (output.json()) {
                output.line(answer.body());
                return ExitCode.SUCCESS;
            }
            Table table = new Table(
                    Table.Column.of("NAME"),
                    Table.Column.of("CHANGED").optional(2),
                    Table.Column.of("BY").atLeast(8).optional(1),
                    Table.Column.of("VERSION").optional(3));
            for (JsonNode system : answer.json().path("systems")) {
                table.row(
                        Output.text(system.path("name")),
                        output.times().withAge(system.path("changedAt")),
                        Output.text(system.path("changedBy")),
                        shortened(Output.text(system.path("version"))));
            }
            output.table(table, "There are no systems. muster systems put FILE adds one.");
            return ExitCode.SUCCESS;
        }
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Shows a system's description and its members.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Parameters(index = "0", paramLabel = "SYSTEM", description = "The system's name.")
        private String system = "";

        @Override
        public Integer call() throws InterruptedException {
            Answer answer = options.connect().get(ApiClient.path("systems", system));
            Output output = options.output(spec);
            if (output.json()) {
                output.line(answer.body());
                return ExitCode.SUCCESS;
            }
            // As a comment, so that what is printed can be changed and put again.
            output.line("# version " + Output.text(answer.json().path("version")) + ", changed by "
                    + Printable.line(Output.text(answer.json().path("changedBy"))) + " at "
                    + output.times().withAge(answer.json().path("changedAt")));
            String yaml = Output.text(answer.json().path("yaml"));
            MemberLines.of(yaml).forEach(output::line);
            output.line(Printable.block(yaml).stripTrailing());
            return ExitCode.SUCCESS;
        }
    }

    /** Makes or changes some. */
    @Command(
            name = "put",
            description = "Makes systems or changes them; a file holds one. The file is checked here first.",
            mixinStandardHelpOptions = true)
    static final class Put implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "A file with one system.")
        private List<Path> files = List.of();

        @Override
        public Integer call() throws InterruptedException {
            // All are read before one is put.
            List<RunbookFiles.LoadedSystem> systems =
                    files.stream().map(Put::load).toList();
            ApiClient api = options.connect();
            Output output = options.output(spec);
            for (RunbookFiles.LoadedSystem system : systems) {
                system.warnings().forEach(warning -> output.aside("warning  " + warning));
                Answer answer = api.put(
                        ApiClient.path("systems", system.system().name()),
                        ApiClient.object().put("yaml", system.source().text()));
                output.line(
                        output.json()
                                ? answer.body()
                                : "Put " + system.system().name() + ", version "
                                        + shortened(Output.text(answer.json().path("version"))) + ".");
            }
            return ExitCode.SUCCESS;
        }

        private static RunbookFiles.LoadedSystem load(Path file) {
            RunbookFiles.Loaded loaded = RunbookFiles.read(List.of(SourceText.of(file)));
            if (loaded.systems().size() != 1 || !loaded.runbooks().isEmpty()) {
                throw new CliException(
                        "SYSTEM_FILE_INVALID",
                        file + " is not the one document of a system.",
                        "Put each system into a file of its own, without runbooks.",
                        ExitCode.BAD_INPUT);
            }
            return loaded.systems().get(0);
        }
    }

    /** Checks some without any server of ours. */
    @Command(
            name = "check",
            description = {
                "Says every problem of systems, and what may surprise: warnings, hosts that nobody knows.",
                "Needs no API. Exit code 0 where there are warnings only."
            },
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files or folders with systems.")
        private List<Path> files = List.of();

        @Option(names = "--no-lookup", description = "Ask no name server.")
        private boolean noLookup;

        @Override
        public Integer call() {
            List<RunbookFiles.LoadedSystem> systems =
                    RunbookFiles.load(files.toArray(Path[]::new)).systems();
            if (systems.isEmpty()) {
                throw new CliException(
                        "SYSTEM_FILE_INVALID",
                        "There is no system in the given files.",
                        "Is it the right folder? A system has kind: System.",
                        ExitCode.BAD_INPUT);
            }
            for (RunbookFiles.LoadedSystem system : systems) {
                List<Problem> warnings = new ArrayList<>(system.warnings());
                if (!noLookup) {
                    warnings.addAll(new HostLookup().warnings(system.hosts()));
                }
                warnings.forEach(warning -> say("warning  " + Printable.line(warning.toString())));
                say("system   " + system.system().name() + "  ok"
                        + (warnings.isEmpty() ? "" : ", warnings: " + warnings.size()));
            }
            return ExitCode.SUCCESS;
        }

        private void say(String line) {
            spec.commandLine().getOut().println(line);
        }
    }

    private static String shortened(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
