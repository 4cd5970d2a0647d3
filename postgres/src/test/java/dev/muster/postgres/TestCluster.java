package dev.muster.postgres;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.replication.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A real PostgreSQL cluster below a folder, on the loopback, with trust for its superuser {@code postgres}. */
public final class TestCluster implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private final Server server;
    private final int port;

    private TestCluster(Server server, int port) {
        this.server = server;
        this.port = port;
    }

    public static Installation installation() {
        return PostgresVersion.installation();
    }

    /** @param segmentMegabytes size of a WAL segment */
    public static TestCluster start(Path folder, int segmentMegabytes, String... settings) throws IOException {
        Path data = folder.resolve("data");
        NewCluster.at(installation(), data, segmentMegabytes);
        return over(data, folder.resolve("log"), settings);
    }

    /** As {@link #start}, with a system identifier that no other test's cluster has. */
    public static TestCluster startAnother(Path folder, int segmentMegabytes, String... settings) throws IOException {
        Path data = folder.resolve("data");
        NewCluster.ofAnotherSystem(installation(), data, segmentMegabytes);
        return over(data, folder.resolve("log"), settings);
    }

    /** Starts a server over a data directory that is there already. */
    public static TestCluster over(Path data, Path log, String... settings) throws IOException {
        int port = freePort();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port
                        + "\nunix_socket_directories = ''\nfsync = off\nwal_level = replica\n"
                        + String.join("\n", settings) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        TestCluster cluster = new TestCluster(new Server(installation(), data, log), port);
        cluster.server.start(LIMIT);
        return cluster;
    }

    /** Starts a server over a data directory whose configuration says that port. */
    public static TestCluster adopt(Path data, Path log, int port) {
        TestCluster cluster = new TestCluster(new Server(installation(), data, log), port);
        cluster.server.start(LIMIT);
        return cluster;
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public Server server() {
        return server;
    }

    public Path data() {
        return server.dataDirectory();
    }

    public int port() {
        return port;
    }

    public ServerAddress address() {
        return ServerAddress.trusted("127.0.0.1", port, "postgres");
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    public DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName("postgres");
        source.setUser("postgres");
        return source;
    }

    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row. */
    public String value(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    public Lsn flushed() throws SQLException {
        return Lsn.parse(value("select pg_current_wal_flush_lsn()"));
    }

    @Override
    public void close() {
        server.stopImmediately(LIMIT);
    }
}
