package dev.muster.embedded.stack;

import dev.muster.embedded.database.CatalogDatabase;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.temporal.TemporalServer;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.connection.TemporalConnection;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Muster on one machine: Temporal (in this JVM, a server of its own, or somebody's), a repository in a local store, a
 * control worker, a host worker and, where wanted, an API as processes of their own. Nothing listens beyond the loopback.
 */
public final class Stack {
    public static final String SYSTEM = "orders";
    public static final String SITE = "berlin";
    public static final String HOST = "db1";
    public static final String REQUESTER = "alice";
    public static final String APPROVER = "bob";

    private static final Duration READY = Duration.ofSeconds(60);
    private static final int COPY_PORTS = 4;

    private final RunFolder folder;
    private final Installation installation;
    private final Teardown teardown;
    private final Clock clock;
    private final Map<String, Path> commands = new TreeMap<>();
    private final List<String> checks = new ArrayList<>();
    private final ApproverKey approver = ApproverKey.generate(APPROVER, Set.of("approver"));

    private final List<String> catalogArguments = new ArrayList<>();
    private final List<String> repositories = new ArrayList<>();
    private final List<String> workerArguments = new ArrayList<>();
    private final StackTemporal temporal;
    private int starts;

    private Stack(RunFolder folder, Installation installation, Teardown teardown, Clock clock, StackTemporal temporal) {
        this.folder = folder;
        this.installation = installation;
        this.teardown = teardown;
        this.clock = clock;
        this.temporal = temporal;
    }

    /** With the Temporal that {@link TemporalChoice#AUTO} finds. */
    public static Stack create(RunFolder folder, Installation installation, Teardown teardown, Clock clock) {
        return create(folder, installation, teardown, clock, TemporalChoice.AUTO);
    }

    /** Connects to Temporal, starting it here where the choice says so. */
    public static Stack create(
            RunFolder folder, Installation installation, Teardown teardown, Clock clock, TemporalChoice choice) {
        StackTemporal temporal = StackTemporal.start(choice, folder.folder("temporal"), teardown);
        // After the workers have ended: a copy that a failed run keeps is a server that would go on running.
        teardown.add("copies", () -> stopCopies(folder.path().resolve("copies"), installation));
        return new Stack(folder, installation, teardown, clock, temporal);
    }

    private static void stopCopies(Path copies, Installation installation) throws IOException {
        if (!Files.isDirectory(copies)) {
            return;
        }
        try (Stream<Path> folders = Files.list(copies)) {
            for (Path copy : folders.toList()) {
                new Server(installation, copy.resolve("data"), copy.resolve("log")).stopImmediately(READY);
            }
        }
    }

    public TemporalConnection temporal() {
        return temporal.connection();
    }

    /** The server that was started here; empty if Temporal is in this JVM or somebody else's. */
    public Optional<TemporalServer> temporalServer() {
        return temporal.server();
    }

    public String temporalAddress() {
        return temporal.connection().address();
    }

    public ApproverKey approver() {
        return approver;
    }

    /** Lets checks run a program on the host, and makes it one of the system's checks. */
    public Stack withCommandCheck(String name, Path program) {
        commands.put(name, program);
        checks.add("    - {name: " + name + ", command: " + name + "}\n");
        return this;
    }

    /** Makes a query one of the system's checks. */
    public Stack withSqlCheck(String name, String sql, String expect) {
        checks.add("    - name: " + name + "\n      database: main\n      sql: \"" + sql + "\"\n      expect: \""
                + expect + "\"\n");
        return this;
    }

    /** Lets control workers keep the runs' records; its tables must be there. */
    public Stack withCatalog(CatalogDatabase catalog) {
        catalogArguments.addAll(List.of(
                "--catalog",
                catalog.url(),
                "--catalog-user",
                CatalogDatabase.ROLE,
                "--catalog-password",
                catalog.passwordReference()));
        return this;
    }

    /** Gives the system a second repository, named offsite: an empty folder, which a replication makes one of. */
    public Stack withOffsite() {
        repositories.add("    - {name: offsite, site: " + SITE + ", store: \"file://" + offsiteFolder()
                + "\", key: \"file:" + keyFile() + "\"}\n");
        return this;
    }

    public Path offsiteFolder() {
        return folder.path().resolve("offsite");
    }

    /** Lets each worker show its metrics on a free port, which its log names. */
    public Stack withWorkerMetrics() {
        workerArguments.addAll(List.of("--metrics-port", "0"));
        return this;
    }

    /** Writes keys, an empty repository and the system's description. */
    public void configure(DemoPrimary primary) throws IOException {
        Path keys = folder.folder("keys");
        Path approvers = folder.folder("approvers");
        approver.writePrivate(keys.resolve(APPROVER + ".private.jwk"));
        approver.writePublic(approvers.resolve(APPROVER + ".jwk"));
        Files.createDirectories(storeFolder());
        if (!repositories.isEmpty()) {
            Files.createDirectories(offsiteFolder());
        }
        try (Repository repository = Repository.create(Stores.open(storeUrl()), KeyFile.generate(keyFile()), clock)) {
            Files.writeString(systemFile(), description(primary), StandardCharsets.UTF_8);
        }
        Files.writeString(
                folder.path().resolve("environment"),
                "export TEMPORAL_ADDRESS=" + temporalAddress() + "\n",
                StandardCharsets.UTF_8);
    }

    private String description(DemoPrimary primary) {
        return String.format(
                Locale.ROOT,
                """
                apiVersion: muster/v1
                kind: System
                metadata:
                  name: %s
                spec:
                  tier: critical
                  sites:
                    - {name: %s}
                  repositories:
                    - {name: primary, site: %s, store: "%s", key: "file:%s"}
                %s  databases:
                    - name: main
                      site: %s
                      host: %s
                      repository: primary
                      dataDirectory: "%s"
                      connection:
                        host: 127.0.0.1
                        port: %d
                        user: %s
                        database: %s
                        password: "%s"
                      replicationSlot: muster
                  checks:
                %s""",
                SYSTEM,
                SITE,
                SITE,
                storeUrl(),
                keyFile(),
                String.join("", repositories),
                SITE,
                HOST,
                primary.dataDirectory(),
                primary.port(),
                DemoPrimary.MUSTER_ROLE,
                DemoPrimary.DATABASE,
                primary.musterPasswordReference(),
                String.join("", checks));
    }

    public Path systemFile() {
        return folder.path().resolve("orders.yaml");
    }

    public Path keyFile() {
        return folder.path().resolve("keys").resolve("repository.key");
    }

    public Path approverKeyFile() {
        return folder.path().resolve("keys").resolve(APPROVER + ".private.jwk");
    }

    public Path storeFolder() {
        return folder.path().resolve("store");
    }

    public String storeUrl() {
        return "file://" + storeFolder();
    }

    public Path copies() {
        return folder.path().resolve("copies");
    }

    /** Starts a control worker; call again after it was killed. */
    public ChildJvm startControlWorker() {
        List<String> arguments = new ArrayList<>(
                List.of("--control", "--state", folder.folder("control-state").toString()));
        arguments.addAll(catalogArguments);
        return startWorker("control worker", List.of("-Xmx256m"), arguments);
    }

    /** Starts the worker of the host, which is the site's worker too; call again after it was killed. */
    public ChildJvm startHostWorker() {
        List<Integer> ports = LoopbackPorts.free(COPY_PORTS);
        int first = ports.stream().mapToInt(Integer::intValue).min().orElseThrow();
        List<String> arguments = new ArrayList<>(List.of(
                "--site",
                SITE,
                "--host",
                HOST,
                "--state",
                folder.folder("host-state").toString(),
                "--system",
                systemFile().toString(),
                "--programs",
                installation.home().toString(),
                "--copies",
                folder.folder("copies").toString(),
                "--copy-ports",
                first + "-" + Math.min(65_535, first + 200)));
        commands.forEach((name, program) -> arguments.addAll(List.of("--command", name + "=" + program)));
        return startWorker("host worker", List.of("-Xmx512m", ChildJvm.COMPILED_BEST), arguments);
    }

    /**
     * Starts an API with a key that the workers trust. Needs {@link #withCatalog}. Call again for another instance, or in
     * the place of one that was killed: all have the same key.
     *
     * @param port of the loopback; 0 for a free one
     */
    public RunningApi startApi(int port) throws IOException {
        Path keys = folder.folder("api-keys");
        Path key = keys.resolve("api.private.jwk");
        if (!Files.exists(key)) {
            ApproverKey issuer = ApproverKey.generateIssuer("api", clock.instant());
            issuer.writePublic(folder.folder("approvers").resolve("api.jwk"));
            issuer.writePrivate(key);
        }
        List<String> arguments = new ArrayList<>(
                List.of("--bind", "127.0.0.1:" + port, "--admin-bind", "127.0.0.1:0", "--keys", keys.toString()));
        arguments.addAll(catalogArguments);
        Started started = start("api", ApiMain.class, List.of("-Xmx256m"), arguments);
        List<String> addresses = Files.readAllLines(started.ready());
        return new RunningApi(started.process(), URI.create(addresses.get(0)), URI.create(addresses.get(1)));
    }

    private ChildJvm startWorker(String name, List<String> options, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(workerArguments);
        all.addAll(List.of("--approvers", folder.folder("approvers").toString()));
        return start(name, WorkerMain.class, options, all).process();
    }

    private record Started(ChildJvm process, Path ready) {}

    private Started start(String name, Class<?> main, List<String> options, List<String> arguments) {
        String file = name.replace(' ', '-') + "-" + ++starts;
        Path ready = folder.path().resolve(file + ".ready");
        ChildJvm.Plan plan = ChildJvm.of(name, main.getName())
                .options(options.toArray(String[]::new))
                .arguments(arguments.toArray(String[]::new))
                .arguments("--ready-file", ready.toString());
        Map<String, String> connection = temporal.environment();
        if (!connection.isEmpty()) {
            plan.withoutEnvironment("TEMPORAL_");
            connection.forEach(plan::environment);
        }
        ChildJvm child = plan.start(folder.folder("logs").resolve(file + ".log"));
        teardown.add(name, child::close);
        child.awaitReadyFile(ready, READY);
        return new Started(child, ready);
    }
}
