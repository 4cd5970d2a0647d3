package dev.muster.activities.place;

import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.SystemDescription;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/**
 * A database as this worker's own copy of the system's description has it. Plans name it by system and database only;
 * where its files lie and how it is reached is never taken from a plan.
 */
public record ProtectedDatabase(
        SystemDescription system,
        SystemDescription.Database description,
        SystemDescription.RepositoryPlace repository) {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    public static ProtectedDatabase of(SystemDescription system, SystemDescription.Database database) {
        return new ProtectedDatabase(system, database, system.repositoryOf(database));
    }

    /** The same database with another repository of its system, that holds copies of its backups. */
    ProtectedDatabase in(SystemDescription.RepositoryPlace other) {
        return new ProtectedDatabase(system, description, other);
    }

    public String source() {
        return description.source();
    }

    public Path dataDirectory() {
        return Path.of(description.dataDirectory());
    }

    /** The password as configured; empty where the server asks for none. */
    public Optional<String> password() {
        SecretReference reference = description.connection().password();
        return reference == null ? Optional.empty() : Optional.of(Secrets.resolve(reference));
    }

    /** Connects to the live database. */
    public Connection connect() throws SQLException {
        SystemDescription.Connection live = description.connection();
        return connect(live.host(), live.port(), live.database());
    }

    /** Connects as the same user elsewhere: to a copy, to another database of the cluster. */
    public Connection connect(String host, int port, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", description.connection().user());
        properties.setProperty("connectTimeout", Long.toString(CONNECT.toSeconds()));
        properties.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
        properties.setProperty("ApplicationName", "muster");
        password().ifPresent(value -> properties.setProperty("password", value));
        return DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
    }
}
