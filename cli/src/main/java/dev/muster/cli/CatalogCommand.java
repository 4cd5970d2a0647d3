package dev.muster.cli;

import dev.muster.catalog.Catalog;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.recording.RefreshIndex;
import dev.muster.workflows.recording.RefreshStarter;
import dev.muster.workflows.run.RunRequest;
import io.temporal.client.WorkflowFailedException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster catalog}: the catalogue's tables, and its index from the stores. */
@Command(
        name = "catalog",
        description = "Creates and checks the catalogue, and rebuilds its index from the stores.",
        mixinStandardHelpOptions = true,
        subcommands = {
            CatalogCommand.Migrate.class,
            CatalogCommand.Check.class,
            CatalogCommand.Rebuild.class,
            HelpCommand.class
        })
public final class CatalogCommand {
    /** Creates or updates the tables. */
    @Command(
            name = "migrate",
            description = "Creates the catalogue's tables, or updates them to this version of Muster.",
            mixinStandardHelpOptions = true)
    static final class Migrate implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private CatalogOptions options = new CatalogOptions();

        @Override
        public Integer call() {
            Catalog.migrate(options.settings());
            return said(spec, "The catalogue's tables are as this version needs them.");
        }
    }

    /** Tells whether workers and API would find it in order. */
    @Command(
            name = "check",
            description = "Tells whether the catalogue can be reached and its tables are as this version needs them.",
            mixinStandardHelpOptions = true)
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private CatalogOptions options = new CatalogOptions();

        @Override
        public Integer call() {
            try (Catalog catalog = options.open()) {
                catalog.check();
            }
            return said(spec, "The catalogue answers, and its tables are as this version needs them.");
        }
    }

    /** Reads the stores again, through the workers of their sites. */
    @Command(
            name = "rebuild",
            description = {
                "Reads all repositories of the systems through their sites' workers and brings the catalogue's index to",
                "what they hold: backups, marks, and what is proved of each. What cannot be read is not taken for gone.",
                "Needs a control worker with --catalog; itself it needs only Temporal."
            },
            mixinStandardHelpOptions = true)
    static final class Rebuild implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--system",
                required = true,
                paramLabel = "FILE",
                description = "A system's file; may be given several times.")
        private List<Path> systems = List.of();

        @Option(
                names = "--requester",
                paramLabel = "NAME",
                defaultValue = "${sys:user.name}",
                description = "Who asks for it (default: ${DEFAULT-VALUE}).")
        private String requester = "";

        @Override
        public Integer call() {
            List<RunbookFiles.LoadedSystem> loaded =
                    RunbookFiles.load(systems.toArray(Path[]::new)).systems();
            int exit = ExitCode.SUCCESS;
            try (TemporalConnection temporal = TemporalConnection.fromEnvironment(RunCommand.CONNECT)) {
                RefreshStarter starter = new RefreshStarter(temporal.client());
                for (RunbookFiles.LoadedSystem system : loaded) {
                    exit = Math.max(exit, rebuild(starter, system));
                }
            }
            return exit;
        }

        private int rebuild(RefreshStarter starter, RunbookFiles.LoadedSystem system) {
            SourceText source = system.source();
            try {
                RefreshIndex.Refreshed[] refreshed = starter.start(
                                system.system().name(),
                                new RunRequest.SourceFile(source.file(), source.text()),
                                requester,
                                true)
                        .getResult(RefreshIndex.Refreshed[].class);
                int exit = ExitCode.SUCCESS;
                for (RefreshIndex.Refreshed one : refreshed) {
                    exit = Math.max(exit, tell(one));
                }
                return exit;
            } catch (WorkflowFailedException e) {
                PrintWriter err = spec.commandLine().getErr();
                err.println(system.system().name() + ": " + innermost(e));
                err.flush();
                return ExitCode.FAILED;
            }
        }

        private int tell(RefreshIndex.Refreshed one) {
            String name = one.system() + "/" + one.database();
            int exit = ExitCode.SUCCESS;
            if (one.trouble() == null) {
                said(
                        spec,
                        name + ": " + one.backups() + " backups, " + one.walRanges() + " ranges of WAL"
                                + (one.replaced() ? "" : " (a later look is known and stays)"));
            } else {
                exit = trouble(name + ": NOT LOOKED INTO, so its WAL is as it was known: " + one.trouble());
            }
            List<RefreshIndex.InRepository> copies = one.copies();
            for (RefreshIndex.InRepository copy : copies == null ? List.<RefreshIndex.InRepository>of() : copies) {
                String where = name + " in " + copy.repository() + ": ";
                if (copy.trouble() == null) {
                    said(spec, where + copy.backups() + " backups");
                } else {
                    exit = trouble(where + copy.backups() + " backups; NOT ALL COULD BE READ, nothing was forgotten: "
                            + copy.trouble());
                }
            }
            return exit;
        }

        private int trouble(String line) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(line);
            err.flush();
            return ExitCode.FAILED;
        }

        private static String innermost(Throwable failure) {
            Throwable cause = failure;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return String.valueOf(cause.getMessage());
        }
    }

    private static int said(CommandSpec spec, String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
        return ExitCode.SUCCESS;
    }
}
