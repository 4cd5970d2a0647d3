package dev.muster.embedded.database;

import dev.muster.embedded.EmbeddedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * How to log in to a database on this machine.
 *
 * @param port on the loopback, 1 to 65535
 * @param passwordFile a file that holds the password of the role
 */
public record Login(int port, String database, String user, Path passwordFile) {
    private static final String CONNECT_SECONDS = "10";
    /** A reply that takes longer than this means that the server is gone without a word. */
    private static final String SOCKET_SECONDS = "120";

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** The same role in another database of the same server. */
    public Login in(String otherDatabase) {
        return new Login(port, otherDatabase, user, passwordFile);
    }

    /** @param application shown in pg_stat_activity, such as {@code orders} */
    public Connection connect(String application) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", new Secret(passwordFile).read());
        properties.setProperty("ApplicationName", application);
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("socketTimeout", SOCKET_SECONDS);
        properties.setProperty("tcpKeepAlive", "true");
        return DriverManager.getConnection(url(), properties);
    }

    /** As {@link #connect}, where a failure ends what is being done. */
    public Connection open(String application) {
        try {
            return connect(application);
        } catch (SQLException e) {
            throw new EmbeddedException(
                    "DEMO_DATABASE_UNREACHABLE",
                    "Cannot log in to " + url() + " as " + user + ": " + e.getMessage(),
                    "Does the server run? Its log lies beside its data directory.",
                    e);
        }
    }
}
