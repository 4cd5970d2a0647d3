package dev.muster.cli;

import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogSettings;
import dev.muster.catalog.PasswordReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the catalogue is, for the verbs of whoever administers it. */
final class CatalogOptions {
    @Option(
            names = "--catalog",
            required = true,
            defaultValue = "${env:MUSTER_CATALOG}",
            paramLabel = "JDBC-URL",
            description = "The catalogue: jdbc:postgresql://HOST:PORT/DATABASE (default: $MUSTER_CATALOG).")
    private String url = "";

    @Option(
            names = "--catalog-user",
            defaultValue = "muster",
            paramLabel = "NAME",
            description = "Its user (default: ${DEFAULT-VALUE}).")
    private String user = "muster";

    @Option(
            names = "--catalog-password",
            paramLabel = "REFERENCE",
            description = "Where its password is: env:NAME or file:/PATH.")
    private @Nullable String password;

    CatalogSettings settings() {
        return CatalogSettings.of(url, user, password == null ? () -> "" : PasswordReference.of(password));
    }

    Catalog open() {
        return Catalog.open(settings());
    }
}
