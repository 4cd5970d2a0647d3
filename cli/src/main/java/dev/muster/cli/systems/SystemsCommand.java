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
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    @Command(name = "show", description = "Shows a system's description.", mixinStandardHelpOptions = true)
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
            output.line(Printable.block(Output.text(answer.json().path("yaml"))).stripTrailing());
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

    private static String shortened(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
