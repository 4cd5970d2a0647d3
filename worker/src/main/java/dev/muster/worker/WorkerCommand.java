package dev.muster.worker;

import dev.muster.catalog.CatalogException;
import dev.muster.catalog.CatalogSettings;
import dev.muster.catalog.PasswordReference;
import dev.muster.postgres.PostgresException;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import dev.muster.workflows.connection.TemporalConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code muster worker}: the process of one place, until it is told to end. */
@Command(
        name = "worker",
        description = {
            "Runs a worker in its place: control, site or host, or several of them in one process.",
            "Options can be kept in a file, one a line, and given as @FILE."
        },
        mixinStandardHelpOptions = true)
public final class WorkerCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(WorkerCommand.class);
    private static final Duration CONNECT = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--control", description = "Poll 'muster' and 'control': workflows and planning.")
    private boolean control;

    @Option(names = "--site", paramLabel = "NAME", description = "Poll 'site-NAME': reads the site's repositories.")
    private @Nullable String site;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description = "Poll 'host-NAME': backs up and restores this host's databases, receives their WAL.")
    private @Nullable String host;

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description =
                    "Where the worker keeps what must survive it: epochs, admitted plans. Control workers share one.")
    private Path state = Path.of("");

    @Option(
            names = "--approvers",
            required = true,
            paramLabel = "DIR",
            description = "The public keys (*.jwk) whose approvals count here.")
    private Path approvers = Path.of("");

    @Option(
            names = "--approver-role",
            defaultValue = "approver",
            paramLabel = "ROLE",
            description = "The role that this host asks of whoever approves a change (default: ${DEFAULT-VALUE}).")
    private String approverRole = "approver";

    @Option(
            names = "--system",
            paramLabel = "FILE",
            description = "A system's YAML file that this worker serves; may be given several times.")
    private List<Path> systems = List.of();

    @Option(
            names = "--programs",
            paramLabel = "DIR",
            description = "PostgreSQL's programs for copies: the folder that holds bin/postgres. For --host.")
    private @Nullable Path programs;

    @Option(
            names = "--copies",
            paramLabel = "DIR",
            description = "The folder below which copies may be made. For --host.")
    private @Nullable Path copies;

    @Option(
            names = "--copy-ports",
            defaultValue = "54400-54499",
            paramLabel = "FROM-TO",
            description = "Ports on the loopback that copies may take (default: ${DEFAULT-VALUE}). For --host.")
    private String copyPorts = "54400-54499";

    @Option(
            names = "--command",
            paramLabel = "NAME=PROGRAM",
            description = "Allows checks to run this program, by its name; may be given several times. For --host.")
    private Map<String, Path> commands = new LinkedHashMap<>();

    @Option(
            names = "--catalog",
            paramLabel = "JDBC-URL",
            description = "Keep the runs' records in this PostgreSQL: jdbc:postgresql://HOST:PORT/DATABASE. For"
                    + " --control; a catalogue that is down delays records, never runs.")
    private @Nullable String catalog;

    @Option(
            names = "--catalog-user",
            defaultValue = "muster",
            paramLabel = "NAME",
            description = "The catalogue's user (default: ${DEFAULT-VALUE}).")
    private String catalogUser = "muster";

    @Option(
            names = "--catalog-password",
            paramLabel = "REFERENCE",
            description = "Where the catalogue's password is: env:NAME or file:/PATH.")
    private @Nullable String catalogPassword;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "Show Prometheus metrics of this process and of its work at http://ADDRESS:PORT/metrics;"
                    + " 0 takes a free port, which the log names.")
    private @Nullable Integer metricsPort;

    @Option(
            names = "--metrics-bind",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "Where --metrics-port is opened (default: ${DEFAULT-VALUE}).")
    private String metricsBind = "127.0.0.1";

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Written once the worker polls: its process id. For whoever supervises it.")
    private @Nullable Path readyFile;

    @Override
    public Integer call() throws Exception {
        Settings settings;
        try {
            settings = settings();
        } catch (CatalogException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        }
        Integer port = metricsPort;
        if (port != null && (port < 0 || port > 65_535)) {
            throw new ParameterException(spec.commandLine(), "--metrics-port is 0 to 65535, not " + port + ".");
        }
        try (WorkerMetrics metrics = port == null ? WorkerMetrics.none() : WorkerMetrics.open(metricsBind, port);
                TemporalConnection temporal = TemporalConnection.fromEnvironment(CONNECT, metrics.temporal());
                WorkerProcess worker = WorkerProcess.start(settings, temporal, metrics.registry(), Clock.systemUTC())) {
            Path ready = readyFile;
            if (ready != null) {
                announce(ready);
            }
            log.info("Polling {} at {}", String.join(", ", worker.taskQueues()), temporal.address());
            worker.awaitEnd();
        } catch (HostTakenException e) {
            return refused(e.code(), String.valueOf(e.getMessage()), e.hint());
        } catch (MetricsPortException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        } catch (CatalogException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        } catch (RepositoryException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        } catch (StoreException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        } catch (PostgresException e) {
            return refused(e.code(), e.getMessage(), e.hint());
        }
        return 0;
    }

    /** A wrong key, a store that is not there: what an operator can mend is told in words, not as a trace. */
    private int refused(String code, @Nullable String message, String hint) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(code + ": " + message + " Hint: " + hint);
        err.flush();
        return 1;
    }

    private Settings settings() {
        if (!control && site == null && host == null) {
            throw new ParameterException(spec.commandLine(), "Give a place: --control, --site NAME or --host NAME.");
        }
        if ((site != null || host != null) && systems.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "A site or host worker serves systems: give --system FILE.");
        }
        Settings.@Nullable Host onHost = null;
        if (host != null) {
            if (programs == null || copies == null) {
                throw new ParameterException(
                        spec.commandLine(), "A host worker needs --programs DIR and --copies DIR.");
            }
            String[] ports = copyPorts.split("-", 2);
            if (ports.length != 2 || !ports[0].matches("\\d{4,5}") || !ports[1].matches("\\d{4,5}")) {
                throw new ParameterException(
                        spec.commandLine(), "--copy-ports is FROM-TO, such as 54400-54499, not '" + copyPorts + "'.");
            }
            commands.forEach((name, program) -> {
                if (!program.isAbsolute() || !Files.isExecutable(program)) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--command " + name + ": " + program + " is not the absolute path of a program.");
                }
            });
            onHost = new Settings.Host(
                    host,
                    approverRole,
                    programs,
                    copies,
                    Integer.parseInt(ports[0]),
                    Integer.parseInt(ports[1]),
                    commands);
        }
        return new Settings(control, site, onHost, state, approvers, systems, catalogSettings());
    }

    private @Nullable CatalogSettings catalogSettings() {
        if (catalog == null) {
            return null;
        }
        if (!control) {
            throw new ParameterException(
                    spec.commandLine(), "Only control workers reach the catalogue: give --catalog with --control.");
        }
        String reference = catalogPassword;
        return CatalogSettings.of(catalog, catalogUser, reference == null ? () -> "" : PasswordReference.of(reference));
    }

    private static void announce(Path ready) throws IOException {
        Path temporary = ready.resolveSibling(ready.getFileName() + ".tmp");
        Files.writeString(temporary, ProcessHandle.current().pid() + "\n", StandardCharsets.US_ASCII);
        Files.move(temporary, ready, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
