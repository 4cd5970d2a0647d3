package dev.muster.api;

import dev.muster.catalog.CatalogSettings;
import dev.muster.catalog.PasswordReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code muster api}: serves the HTTP API until it is told to end. */
@Command(
        name = "api",
        description = {
            "Serves the HTTP API. Temporal is found by TEMPORAL_ADDRESS and its kin, as everywhere.",
            "Options can be kept in a file, one a line, and given as @FILE."
        },
        mixinStandardHelpOptions = true)
public final class ApiCommand implements Callable<Integer> {
    @Option(
            names = "--bind",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8080",
            converter = AddressConverter.class,
            description =
                    "Where requests are taken (default: ${DEFAULT-VALUE}). There is no TLS: put a proxy before it.")
    private ApiSettings.Address bind = new ApiSettings.Address("127.0.0.1", 8080);

    @Option(
            names = "--admin-bind",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8081",
            converter = AddressConverter.class,
            description =
                    "Where /healthcheck, /ready and /metrics are shown, without a token (default: ${DEFAULT-VALUE}).")
    private ApiSettings.Address admin = new ApiSettings.Address("127.0.0.1", 8081);

    @Option(
            names = "--catalog",
            required = true,
            defaultValue = "${env:MUSTER_CATALOG}",
            paramLabel = "JDBC-URL",
            description = "The catalogue: jdbc:postgresql://HOST:PORT/DATABASE (default: $MUSTER_CATALOG).")
    private String catalog = "";

    @Option(
            names = "--catalog-user",
            defaultValue = "muster",
            paramLabel = "NAME",
            description = "Its user (default: ${DEFAULT-VALUE}).")
    private String catalogUser = "muster";

    @Option(
            names = "--catalog-password",
            paramLabel = "REFERENCE",
            description = "Where its password is: env:NAME or file:/PATH.")
    private @Nullable String catalogPassword;

    @Option(
            names = "--keys",
            required = true,
            paramLabel = "DIR",
            description =
                    "Private keys that approvals are signed with (muster identity create-issuer); the newest signs.")
    private Path keys = Path.of("");

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Written once requests are taken: where, and where for administrators, a line each.")
    private @Nullable Path readyFile;

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Jersey and Hibernate Validator log by another face.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        try (ApiServer api = ApiServer.start(settings(), Clock.systemUTC())) {
            Runtime.getRuntime().addShutdownHook(new Thread(api::close, "shutdown"));
            Path ready = readyFile;
            if (ready != null) {
                announce(ready, api);
            }
            api.awaitEnd();
        }
        return 0;
    }

    private ApiSettings settings() {
        String password = catalogPassword;
        return new ApiSettings(
                bind,
                admin,
                CatalogSettings.of(catalog, catalogUser, password == null ? () -> "" : PasswordReference.of(password)),
                keys);
    }

    private static void announce(Path ready, ApiServer api) throws IOException {
        Path temporary = ready.resolveSibling(ready.getFileName() + ".tmp");
        Files.writeString(temporary, api.uri() + "\n" + api.adminUri() + "\n", StandardCharsets.US_ASCII);
        Files.move(temporary, ready, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static final class AddressConverter implements ITypeConverter<ApiSettings.Address> {
        @Override
        public ApiSettings.Address convert(String text) {
            try {
                return ApiSettings.Address.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
