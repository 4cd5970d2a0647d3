package dev.muster.embedded.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoPrimaryTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static DemoPrimary primary;

    @BeforeAll
    static void start() {
        primary = DemoPrimary.create(Installation.at(PostgresBinaries.home()), folder);
    }

    @AfterAll
    static void stop() {
        primary.close();
    }

    @Test
    void theClusterIsAsDurableAndAsReadyForBackupsAsAProductionPrimary() throws SQLException {
        try (Connection connection = primary.administrator("postgres").connect("test")) {
            assertThat(setting(connection, "data_checksums")).isEqualTo("on");
            assertThat(setting(connection, "fsync")).isEqualTo("on");
            assertThat(setting(connection, "full_page_writes")).isEqualTo("on");
            assertThat(setting(connection, "wal_level")).isEqualTo("replica");
            assertThat(setting(connection, "summarize_wal")).isEqualTo("on");
            assertThat(setting(connection, "listen_addresses")).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void nobodyLogsInWithoutThePassword() {
        for (String user : new String[] {"postgres", "orders", "muster"}) {
            assertThatThrownBy(() -> {
                        try (Connection connection = DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:" + primary.port() + "/postgres", user, "guess")) {
                            assertThat(connection.isClosed()).isTrue();
                        }
                    })
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void passwordsAreInFilesOfTheirOwnerAndNotInTheServersLog() throws Exception {
        Path file = primary.muster().passwordFile();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(primary.musterPasswordReference()).isEqualTo("file:" + file);
        assertThat(Files.readString(primary.server().log()))
                .doesNotContain(Files.readString(file).strip());
    }

    @Test
    void musterMayBackUpAndReplicateButOwnsOnlyItsOwnSchemaAndDeletesNothing() throws SQLException {
        try (Connection application = primary.application().connect("test");
                Statement statement = application.createStatement()) {
            statement.execute("CREATE TABLE shipments (id bigint PRIMARY KEY)");
            statement.execute("INSERT INTO shipments VALUES (1)");
        }
        try (Connection connection = primary.muster().connect("test");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('test', true)");
            statement.execute("SELECT * FROM pg_backup_stop(false)");
            statement.execute("SELECT pg_create_physical_replication_slot('test')");
            statement.execute("SELECT pg_drop_replication_slot('test')");
            statement.execute("SELECT * FROM pg_available_wal_summaries()");
            statement.execute("SELECT bt_index_check('shipments_pkey')");
            statement.execute("INSERT INTO shipments VALUES (2)");
            statement.execute("INSERT INTO muster.canary VALUES (1, 1, now())");
            assertThatThrownBy(() -> statement.execute("DELETE FROM shipments"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("UPDATE shipments SET id = 3"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("DROP TABLE shipments")).hasMessageContaining("must be owner");
            assertThatThrownBy(() -> statement.execute("CREATE TABLE public.mine ()"))
                    .hasMessageContaining("permission denied");
        }
    }

    private static String setting(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + name)) {
            row.next();
            return row.getString(1);
        }
    }
}
