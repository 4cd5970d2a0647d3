package dev.muster.postgres.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a PostgreSQL server is and how to log in.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param user a role with REPLICATION
 * @param password asked for at each log-in, never kept; empty where the server trusts
 * @param tls how the connection is protected
 * @param rootCertificates PEM file of the authorities to trust; empty means Java's own. Used with VERIFY_FULL only
 * @param connectTimeout bound of the TCP connection's set-up
 * @param replyTimeout how long a reply to a command may take before the server counts as lost
 */
public record ServerAddress(
        String host,
        int port,
        String user,
        Supplier<Optional<String>> password,
        Tls tls,
        Optional<Path> rootCertificates,
        Duration connectTimeout,
        Duration replyTimeout) {

    /** The protection of a connection, named as libpq's sslmode does. */
    public enum Tls {
        /** Plain text: for the loopback. */
        DISABLE,
        /** Encrypted, but the server's certificate is not checked. */
        REQUIRE,
        /** Encrypted, and the certificate must be signed by a trusted authority for this host name. */
        VERIFY_FULL
    }

    public ServerAddress {
        if (host.isBlank() || user.isBlank()) {
            throw new IllegalArgumentException("A server's address needs a host and a user.");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("Not a port: " + port);
        }
    }

    /** Plain text with no password: a server that trusts this user, on the loopback. */
    public static ServerAddress trusted(String host, int port, String user) {
        return new ServerAddress(
                host,
                port,
                user,
                Optional::empty,
                Tls.DISABLE,
                Optional.empty(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30));
    }

    /** The same with a password, asked for at each log-in. */
    public ServerAddress withPassword(Supplier<Optional<String>> supplier) {
        return new ServerAddress(host, port, user, supplier, tls, rootCertificates, connectTimeout, replyTimeout);
    }

    /** The same with another protection of the connection. */
    public ServerAddress withTls(Tls mode, Optional<Path> authorities) {
        return new ServerAddress(host, port, user, password, mode, authorities, connectTimeout, replyTimeout);
    }

    /** Host, port and user; never the password. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port;
    }
}
