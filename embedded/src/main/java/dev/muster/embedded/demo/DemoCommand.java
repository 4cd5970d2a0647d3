package dev.muster.embedded.demo;

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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code muster demo}. */
@Command(
        name = "demo",
        description = {
            "Brings a PostgreSQL database back from a malicious DELETE, by a durable workflow, on this machine alone.",
            "Starts all it needs, stops all it started. Takes one to two minutes."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--yes", description = "Unattended: the second identity approves without asking.")
    private boolean yes;

    @Option(names = "--directory", paramLabel = "DIR", description = "Where to put the demo's folder.")
    private @Nullable Path directory;

    @Option(names = "--keep", description = "Keep the demo's folder: databases, store, logs.")
    private boolean keep;

    @Option(names = "--hold", description = "Stay up at the end until Enter, to try the other commands.")
    private boolean hold;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "muster-demo-report",
            description = "Where to write the report (default: ./${DEFAULT-VALUE}).")
    private Path report = Path.of("muster-demo-report");

    @Option(
            names = "--megabytes",
            paramLabel = "N",
            description = "Size of the demo's database, 20 to 20,000 (default: some hundred).")
    private @Nullable Integer megabytes;

    @Option(
            names = "--temporal",
            paramLabel = "jvm|server|auto",
            defaultValue = "auto",
            description = {
                "Temporal in this JVM; a real server with its web UI (needs the program 'temporal' on the PATH);",
                "auto: the server that TEMPORAL_ADDRESS names, else in this JVM (default: ${DEFAULT-VALUE})."
            })
    private TemporalChoice temporal = TemporalChoice.AUTO;

    @Override
    public Integer call() throws Exception {
        Console console = Console.standard();
        OrdersSize size = megabytes == null ? OrdersSize.standard() : OrdersSize.ofMegabytes(megabytes);
        Installation installation = Installation.at(PostgresBinaries.home());
        Clock clock = Clock.systemUTC();
        // Ended in reverse: the processes, then the guard over them, then the folder.
        try (Teardown teardown = Teardown.onExit()) {
            RunFolder folder = RunFolder.create(directory, keep, installation, clock);
            teardown.add("the demo's folder", () -> remove(folder));
            OrphanGuard guard = OrphanGuard.over(folder.path(), installation);
            teardown.add("the guard", guard::close);
            Demo demo = new Demo(console, folder, installation, teardown, clock, temporal, size, yes, hold, report);
            return demo.run() ? ExitCode.SUCCESS : ExitCode.FAILED;
        } catch (EmbeddedException e) {
            return failed(console, e.code(), e, e.hint());
        } catch (PostgresException e) {
            return failed(console, e.code(), e, e.hint());
        } catch (TemporalUnreachableException e) {
            return failed(console, e.code(), e, e.hint());
        }
    }

    private static int failed(Console console, String code, RuntimeException e, String hint) {
        console.line(code + ": " + e.getMessage() + " Hint: " + hint);
        return ExitCode.FAILED;
    }

    private static void remove(RunFolder folder) throws IOException {
        folder.close();
    }
}
