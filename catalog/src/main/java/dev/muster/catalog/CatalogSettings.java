package dev.muster.catalog;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Where the catalogue is and how long it may take.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, without a password
 * @param password asked for at each new connection, so that a rotated one is picked up
 * @param connections at most so many at once
 * @param connect how long a caller waits for a connection before the catalogue counts as unreachable; at least 250 ms
 * @param statement how long one statement may take; whole seconds
 */
public record CatalogSettings(
        String jdbcUrl, String user, Supplier<String> password, int connections, Duration connect, Duration statement) {
    private static final String SCHEME = "jdbc:postgresql:";

    public CatalogSettings {
        if (!jdbcUrl.startsWith(SCHEME)) {
            throw new CatalogException(
                    "CATALOG_URL_INVALID",
                    "The catalogue's address must begin with " + SCHEME + "//.",
                    "Write it as jdbc:postgresql://host:5432/database; user and password have options of their own.");
        }
        if (jdbcUrl.matches("(?i).*[?&]password=.*")) {
            // Without the address: it holds the secret.
            throw new CatalogException(
                    "CATALOG_URL_INVALID",
                    "The catalogue's address contains a password.",
                    "Give the password by a reference, env:NAME or file:/path.");
        }
        if (connections < 1 || connections > 100) {
            throw new IllegalArgumentException("A catalogue has 1 to 100 connections, not " + connections);
        }
        if (connect.toMillis() < 250 || statement.toSeconds() < 1) {
            throw new IllegalArgumentException("Too short to reach a catalogue: " + connect + ", " + statement);
        }
    }

    /** Bounds that suit a worker and an API: eight connections, 5 s to get one, 10 s for a statement. */
    public static CatalogSettings of(String jdbcUrl, String user, Supplier<String> password) {
        return new CatalogSettings(jdbcUrl, user, password, 8, Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    /** Without the password's supplier, which may hold it. */
    @Override
    public String toString() {
        return user + " at " + jdbcUrl;
    }
}
