package dev.muster.embedded.dev;

import dev.muster.catalog.CatalogException;
import dev.muster.cli.ExitCode;
import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.console.Console;
import dev.muster.embedded.orders.OrdersSize;
import dev.muster.embedded.process.OrphanGuard;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.workflows.connection.TemporalUnreachableException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code muster dev}. */
@Command(
        name = "dev",
        description = {
            "Starts all of Muster on this machine around one database and stays up: API, catalogue, workers, Temporal.",
            "Says where to look and what to try. Ctrl-C, or the end of the input, ends it and leaves nothing behind."
        },
        mixinStandardHelpOptions = true)
public final class DevCommand implements Callable<Integer> {
    private static final int SMALLEST = 1;
    private static final int LARGEST = 20_000;
    private static final int LAST_PORT = 65_535;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--temporal",
            paramLabel = "jvm|server",
            defaultValue = "jvm",
            description = {
                "Temporal in this JVM, or a real server with its web UI (needs the program 'temporal' on the PATH)",
                "(default: ${DEFAULT-VALUE})."
            })
    private TemporalChoice temporal = TemporalChoice.JVM;

    @Option(
            names = "--size",
            paramLabel = "MB",
            defaultValue = "60",
            description = "Size of the database, 1 to 20,000 (default: ${DEFAULT-VALUE}).")
    private int megabytes;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "The API's port on the loopback (default: a free one).")
    private int port;

    @Option(names = "--directory", paramLabel = "DIR", description = "Where to put the folder of this start.")
    private @Nullable Path directory;

    @Option(names = "--keep", description = "Keep the folder at the end: databases, store, logs, tokens.")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        check();
        Console console = Console.standard();
        Installation installation = Installation.at(PostgresBinaries.home());
        Clock clock = Clock.systemUTC();
        // Ended in reverse: the processes, then the guard over them, then the folder.
        try (Teardown teardown = Teardown.onExit()) {
            RunFolder folder = RunFolder.create("dev", directory, keep, installation, clock);
            teardown.add("the folder", folder::close);
            OrphanGuard guard = OrphanGuard.over(folder.path(), installation);
            teardown.add("the guard", guard::close);
            new Dev(console, folder, installation, teardown, clock)
                    .run(temporal, OrdersSize.ofMegabytes(megabytes), port, System.in);
            console.line("Ending.");
            return ExitCode.SUCCESS;
        } catch (EmbeddedException e) {
            return failed(console, e.code(), e, e.hint());
        } catch (PostgresException e) {
            return failed(console, e.code(), e, e.hint());
        } catch (CatalogException e) {
            return failed(console, e.code(), e, e.hint());
        } catch (TemporalUnreachableException e) {
            return failed(console, e.code(), e, e.hint());
        }
    }

    private void check() {
        if (temporal == TemporalChoice.AUTO) {
            // Several stacks on one server would take each other's work.
            throw new ParameterException(spec.commandLine(), "--temporal is jvm or server: dev has its own Temporal.");
        }
        if (megabytes < SMALLEST || megabytes > LARGEST) {
            throw new ParameterException(
                    spec.commandLine(), "--size is " + SMALLEST + " to " + LARGEST + ", not " + megabytes + ".");
        }
        if (port < 0 || port > LAST_PORT) {
            throw new ParameterException(spec.commandLine(), "--port is 0 to " + LAST_PORT + ", not " + port + ".");
        }
    }

    private static int failed(Console console, String code, RuntimeException e, String hint) {
        console.line(code + ": " + e.getMessage() + " Hint: " + hint);
        return ExitCode.FAILED;
    }
}
