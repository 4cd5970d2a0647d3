package dev.muster.cli.context;

import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster context}: which installations there are, and which one is in use. */
@Command(
        name = "context",
        description = "Keeps where APIs are and where the tokens for them are found, and which one is in use.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ContextCommand.Add.class,
            ContextCommand.Use.class,
            ContextCommand.ListAll.class,
            ContextCommand.Show.class,
            ContextCommand.Remove.class,
            HelpCommand.class
        })
public final class ContextCommand {
    /** Where the contexts are. */
    static final class FileOption {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "The file of contexts (default: $MUSTER_CONFIG, else ~/.config/muster/contexts.json).")
        private @Nullable Path config;

        ContextFile file() {
            return ContextFile.of(config, System.getenv());
        }
    }

    /** For whom the output is. */
    static final class FormatOption {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "table",
                converter = Format.Converter.class,
                completionCandidates = Format.Candidates.class,
                description = "table for people, json for scripts (default: ${DEFAULT-VALUE}).")
        private Format format = Format.TABLE;

        Output output(CommandSpec spec) {
            return new Output(spec, format);
        }
    }

    /** Makes one. */
    @Command(
            name = "add",
            description =
                    "Keeps an API's address and where the token for it is found. The first one is in use at once.",
            mixinStandardHelpOptions = true)
    static final class Add implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private FileOption file = new FileOption();

        @Parameters(index = "0", paramLabel = "NAME", description = "Such as production or test.")
        private String name = "";

        @Option(
                names = "--api",
                required = true,
                paramLabel = "URL",
                description = "https://HOST:PORT; http:// only for this machine.")
        private String api = "";

        @Option(
                names = "--token",
                required = true,
                paramLabel = "REFERENCE",
                description = "Where the token is: env:NAME or file:/PATH. The token itself is not kept.")
        private String token = "";

        @Option(
                names = "--ca",
                paramLabel = "FILE",
                description = "Certificates in PEM; only what these authorities signed is believed.")
        private @Nullable Path authorities;

        @Option(names = "--plain-http", description = "Lets http:// go over a network that is trusted.")
        private boolean plainHttp;

        @Option(names = "--replace", description = "Changes the context if it exists.")
        private boolean replace;

        @Override
        public Integer call() throws IOException {
            Path given = authorities;
            Context context = new Context(
                    name,
                    ApiAddress.parse(api, plainHttp),
                    new TokenReference(token),
                    given == null ? null : given.toAbsolutePath());
            Contexts contexts = file.file().read().with(context, replace);
            file.file().write(contexts);
            new Output(spec, Format.TABLE)
                    .line("Added " + name
                            + (name.equals(contexts.current())
                                    ? ", which is in use. Try: muster status"
                                    : ". To use it: muster context use " + name));
            return ExitCode.SUCCESS;
        }
    }

    /** Chooses one. */
    @Command(
            name = "use",
            description = "Chooses the context that verbs speak to from now on.",
            mixinStandardHelpOptions = true)
    static final class Use implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private FileOption file = new FileOption();

        @Parameters(index = "0", paramLabel = "NAME", description = "As 'muster context list' shows it.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            Contexts contexts = file.file().read().using(name);
            file.file().write(contexts);
            new Output(spec, Format.TABLE)
                    .line("Using " + name + ", " + contexts.find(name).api() + ".");
            return ExitCode.SUCCESS;
        }
    }

    /** Shows all. */
    @Command(name = "list", description = "Lists the contexts.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private FileOption file = new FileOption();

        @Mixin
        private FormatOption format = new FormatOption();

        @Override
        public Integer call() {
            Contexts contexts = file.file().read();
            Output output = format.output(spec);
            if (output.json()) {
                output.line(ContextFile.json(contexts).toString());
                return ExitCode.SUCCESS;
            }
            Table table = new Table(
                    Table.Column.of(" "),
                    Table.Column.of("NAME"),
                    Table.Column.of("API"),
                    Table.Column.of("TOKEN").atLeast(20));
            contexts.byName()
                    .forEach((name, context) -> table.row(
                            name.equals(contexts.current()) ? "*" : "",
                            name,
                            context.api().toString(),
                            context.token().text()));
            output.table(table, "There are no contexts in " + file.file().path() + ".");
            return ExitCode.SUCCESS;
        }
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Shows a context; without a name the one in use.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private FileOption file = new FileOption();

        @Mixin
        private FormatOption format = new FormatOption();

        @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "A context's name.")
        private @Nullable String name;

        @Override
        public Integer call() {
            Contexts contexts = file.file().read();
            String wanted = name;
            Context context = wanted == null
                    ? contexts.inUse().orElseThrow(() -> Target.none(file.file().path()))
                    : contexts.find(wanted);
            Output output = format.output(spec);
            if (output.json()) {
                output.line(
                        ContextFile.json(context).put("name", context.name()).toString());
                return ExitCode.SUCCESS;
            }
            Path authorities = context.authorities();
            output.facts(List.of(
                    Map.entry("name", context.name()),
                    Map.entry("in use", context.name().equals(contexts.current()) ? "yes" : "no"),
                    Map.entry("api", context.api().toString()),
                    Map.entry("token", context.token().text()),
                    Map.entry("authorities", authorities == null ? "" : authorities.toString()),
                    Map.entry("file", file.file().path().toString())));
            return ExitCode.SUCCESS;
        }
    }

    /** Forgets one. */
    @Command(
            name = "remove",
            description = "Forgets a context. If it was in use, none is.",
            mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private FileOption file = new FileOption();

        @Parameters(index = "0", paramLabel = "NAME", description = "As 'muster context list' shows it.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            Contexts before = file.file().read();
            Contexts after = before.without(name);
            file.file().write(after);
            new Output(spec, Format.TABLE)
                    .line("Removed " + name + "."
                            + (after.current() == null ? " None is in use now: muster context use NAME." : ""));
            return ExitCode.SUCCESS;
        }
    }
}
