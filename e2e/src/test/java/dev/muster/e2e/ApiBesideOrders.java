package dev.muster.e2e;

import dev.muster.api.ApiServer;
import dev.muster.api.ApiSettings;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogSettings;
import dev.muster.catalog.Role;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.workflows.approval.ApproverKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The orders database with the catalogue, a control worker that keeps records in it, and the API before all. */
final class ApiBesideOrders implements AutoCloseable {
    private static final String USER = "muster";

    final ProtectedOrders orders;
    final Catalog catalog;

    private final Teardown teardown = Teardown.onExit();
    private final Path folder;
    private final CatalogSettings settings;
    private final int port = LoopbackPorts.free();
    private @Nullable ApiServer api;
    private ChildJvm control;

    ApiBesideOrders(Path folder) throws Exception {
        this(folder, TemporalChoice.AUTO);
    }

    ApiBesideOrders(Path folder, TemporalChoice temporal) throws Exception {
        this.folder = folder;
        try {
            orders = ProtectedOrders.withoutTraffic(temporal);
            teardown.add("orders", orders::close);
            settings = startCatalogue();
            Catalog.migrate(settings);
            catalog = Catalog.open(settings);
            teardown.add("the connections to the catalogue", catalog::close);
            // The one without a catalogue makes way for one that keeps records.
            orders.control().stop(ProtectedOrders.SOON);
            control = startControlWorker();
            ApproverKey issuer = ApproverKey.generateIssuer("api", Instant.now());
            issuer.writePrivate(Files.createDirectory(folder.resolve("keys")).resolve("api.private.jwk"));
            issuer.writePublic(approvers().resolve("api.jwk"));
            startApi();
            teardown.add("the API", this::stopApi);
        } catch (Exception | AssertionError e) {
            teardown.close();
            throw e;
        }
    }

    private Path approvers() {
        return orders.stack().systemFile().resolveSibling("approvers");
    }

    private CatalogSettings startCatalogue() throws IOException {
        Installation installation = Installation.at(PostgresBinaries.home());
        Path data = folder.resolve("catalogue");
        Server.initialise(installation, data, USER, "--no-sync");
        int databasePort = LoopbackPorts.free();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + databasePort
                        + "\nunix_socket_directories = ''\nfsync = off\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Server server = new Server(installation, data, folder.resolve("catalogue.log"));
        teardown.add("the catalogue", () -> server.stopImmediately(ProtectedOrders.SOON));
        server.start(ProtectedOrders.SOON);
        return new CatalogSettings(
                "jdbc:postgresql://127.0.0.1:" + databasePort + "/postgres",
                USER,
                () -> "",
                8,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5));
    }

    private ChildJvm startControlWorker() {
        Path ready = folder.resolve("control.ready");
        ChildJvm started = ChildJvm.of("control worker with a catalogue", "dev.muster.embedded.stack.WorkerMain")
                .options("-Xmx256m")
                .arguments(
                        "--control",
                        "--state",
                        orders.stack()
                                .systemFile()
                                .resolveSibling("control-state")
                                .toString())
                .arguments("--approvers", approvers().toString())
                .arguments("--catalog", settings.jdbcUrl(), "--catalog-user", USER)
                .arguments("--metrics-port", "0")
                .arguments("--ready-file", ready.toString())
                .environment("TEMPORAL_ADDRESS", orders.stack().temporalAddress())
                .start(folder.resolve("control.log"));
        teardown.add("the control worker", started::close);
        started.awaitReadyFile(ready, ProtectedOrders.SOON);
        return started;
    }

    /** The control worker that keeps records. */
    ChildJvm control() {
        return control;
    }

    void startApi() throws IOException {
        api = ApiServer.start(
                new ApiSettings(
                        new ApiSettings.Address("127.0.0.1", port),
                        new ApiSettings.Address("127.0.0.1", 0),
                        settings,
                        folder.resolve("keys")),
                orders.stack().temporalAddress(),
                Clock.systemUTC());
    }

    void stopApi() {
        ApiServer running = api;
        if (running != null) {
            running.close();
            api = null;
        }
    }

    /** Stays the same when the API is started again. */
    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** A file with a token. */
    Path token(String subject, @Nullable Instant expires, Role... roles) throws IOException {
        return Files.writeString(
                folder.resolve("token-" + subject),
                catalog.tokens().create(subject, Set.of(roles), expires).bearer() + "\n",
                StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        teardown.close();
    }
}
