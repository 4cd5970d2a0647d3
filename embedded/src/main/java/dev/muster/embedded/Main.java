package dev.muster.embedded;

import dev.muster.api.ApiCommand;
import dev.muster.cli.ApproveCommand;
import dev.muster.cli.CatalogCommand;
import dev.muster.cli.CompletionCommand;
import dev.muster.cli.Errors;
import dev.muster.cli.IdentityCommand;
import dev.muster.cli.PlanCommand;
import dev.muster.cli.RepositoryCommand;
import dev.muster.cli.RunCommand;
import dev.muster.cli.RunbookCommand;
import dev.muster.cli.StatusCommand;
import dev.muster.cli.TokenCommand;
import dev.muster.cli.access.RefusalsCommand;
import dev.muster.cli.context.ContextCommand;
import dev.muster.cli.repo.RepoCommand;
import dev.muster.cli.repo.RestoreCommand;
import dev.muster.cli.runs.RunsCommand;
import dev.muster.cli.schedules.SchedulesCommand;
import dev.muster.cli.stores.StoreCommand;
import dev.muster.cli.systems.BackupsCommand;
import dev.muster.cli.systems.PointsCommand;
import dev.muster.cli.systems.SystemsCommand;
import dev.muster.cli.wal.WalCommand;
import dev.muster.embedded.demo.DemoCommand;
import dev.muster.embedded.dev.DevCommand;
import dev.muster.worker.WorkerCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code muster} command: the one place where the verbs of all parts come together. */
@Command(
        name = "muster",
        description = "Disaster recovery that is proven: runbooks as durable workflows.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true)
public final class Main implements Runnable {
    /** In the order of the help. */
    private static final List<Class<?>> VERBS = List.of(
            DemoCommand.class,
            DevCommand.class,
            ContextCommand.class,
            StatusCommand.class,
            SystemsCommand.class,
            RunsCommand.class,
            BackupsCommand.class,
            PointsCommand.class,
            RefusalsCommand.class,
            RunbookCommand.class,
            PlanCommand.class,
            RunCommand.class,
            ApproveCommand.class,
            SchedulesCommand.class,
            IdentityCommand.class,
            RepoCommand.class,
            RestoreCommand.class,
            WalCommand.class,
            RepositoryCommand.class,
            StoreCommand.class,
            CatalogCommand.class,
            TokenCommand.class,
            WorkerCommand.class,
            ApiCommand.class,
            CompletionCommand.class,
            HelpCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs one command and ends the process with its exit code: 0 success, 1 failure, 2 wrong usage. */
    public static void main(String[] arguments) {
        System.exit(commandLineFor(arguments).execute(arguments));
    }

    /** The root with every verb mounted. */
    public static CommandLine commandLine() {
        return mounted(VERBS);
    }

    /** Only the verb that is meant, if one is and needs no other: to read the options of all takes a quarter of a second. */
    public static CommandLine commandLineFor(String... arguments) {
        List<Class<?>> meant = VERBS.stream()
                .filter(verb -> arguments.length > 0 && name(verb).equals(arguments[0]))
                .filter(verb -> verb != HelpCommand.class && verb != CompletionCommand.class)
                .toList();
        return mounted(meant.isEmpty() ? VERBS : meant);
    }

    private static CommandLine mounted(List<Class<?>> verbs) {
        CommandLine root = new CommandLine(new Main());
        verbs.forEach(root::addSubcommand);
        return Errors.configure(root).setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static String name(Class<?> verb) {
        return verb.getAnnotation(Command.class).name();
    }

    /** Without a verb there is nothing to do: says which there are. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The version in the jar's manifest, and the Java it runs on. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "muster " + (version == null ? "(not from a jar)" : version),
                "java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"
            };
        }
    }
}
