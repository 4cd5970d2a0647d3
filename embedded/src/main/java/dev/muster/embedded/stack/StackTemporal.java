package dev.muster.embedded.stack;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.temporal.TemporalInJvm;
import dev.muster.embedded.temporal.TemporalServer;
import dev.muster.workflows.connection.TemporalConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The Temporal of a stack: started here or somebody's, and connected. */
final class StackTemporal {
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final TemporalConnection connection;
    private final boolean own;
    private final Path settings;
    private final Optional<TemporalServer> server;

    private StackTemporal(Path folder, TemporalConnection connection, boolean own, Optional<TemporalServer> server) {
        this.connection = connection;
        this.own = own;
        this.settings = settings(folder, connection.address());
        this.server = server;
    }

    /** @param folder for the files of a server of the stack's own */
    static StackTemporal start(TemporalChoice choice, Path folder, Teardown teardown) {
        String configured = System.getenv("TEMPORAL_ADDRESS");
        Optional<TemporalServer> server = Optional.empty();
        boolean own = true;
        TemporalConnection connection;
        if (choice == TemporalChoice.SERVER) {
            server = Optional.of(server(folder, teardown));
            connection = own(server.get().target());
        } else if (choice == TemporalChoice.JVM || configured == null || configured.isBlank()) {
            TemporalInJvm inJvm = TemporalInJvm.start();
            teardown.add("Temporal", inJvm::close);
            connection = own(inJvm.target());
        } else {
            connection = TemporalConnection.fromEnvironment(CONNECT);
            own = false;
        }
        teardown.add("the connection to Temporal", connection::close);
        return new StackTemporal(folder, connection, own, server);
    }

    private static TemporalServer server(Path folder, Teardown teardown) {
        Path program = TemporalServer.program()
                .orElseThrow(() -> new EmbeddedException(
                        "TEMPORAL_PROGRAM_MISSING",
                        "The program 'temporal' is not on the PATH, so there is no Temporal server to start.",
                        "Install it (" + TemporalServer.INSTALL
                                + ", then put $(go env GOPATH)/bin on the PATH), or use --temporal=jvm."));
        TemporalServer server = TemporalServer.start(program, folder);
        teardown.add("the Temporal server", server::close);
        return server;
    }

    private static TemporalConnection own(String address) {
        return TemporalConnection.plain(address, CONNECT);
    }

    /**
     * What processes of the stack are told, in place of all that this one has of TEMPORAL_*: settings for another server,
     * such as its namespace and certificates, do not concern ours. Empty where they find it as this process did.
     */
    Map<String, String> environment() {
        return own
                ? Map.of("TEMPORAL_ADDRESS", connection.address(), "TEMPORAL_CONFIG_FILE", settings.toString())
                : Map.of();
    }

    /** Instead of the user's own file of settings, which may name certificates. */
    private static Path settings(Path folder, String address) {
        try {
            return Files.writeString(
                    folder.resolve("temporal.toml"),
                    "[profile.default]\naddress = \"" + address + "\"\n",
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new EmbeddedException(
                    "RUN_FOLDER_FAILED", "Cannot write to " + folder, "Is there space? --directory names another.", e);
        }
    }

    TemporalConnection connection() {
        return connection;
    }

    Optional<TemporalServer> server() {
        return server;
    }
}
