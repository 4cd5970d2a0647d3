package dev.muster.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationConnectionTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    static Path folder;

    private static TestCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = TestCluster.start(folder, 1);
        Path key = folder.resolve("data/server.key");
        Path certificate = folder.resolve("data/server.crt");
        createCertificate(key, certificate);
        cluster.execute(
                "create role replicator login replication password 'a secret'",
                "alter system set ssl = on",
                "select pg_reload_conf()");
        // The first line that fits decides: this role must log in with its password, everybody else is trusted.
        Path hba = cluster.data().resolve("pg_hba.conf");
        Files.writeString(
                hba,
                "host all,replication replicator 127.0.0.1/32 scram-sha-256\n"
                        + "host all,replication old 127.0.0.1/32 password\n" + Files.readString(hba));
        cluster.execute("create role old login replication password 'a secret'", "select pg_reload_conf()");
    }

    private static void createCertificate(Path key, Path certificate) throws Exception {
        Process process = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=127.0.0.1",
                        "-addext",
                        "subjectAltName=IP:127.0.0.1",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("openssl.log")))
                .isZero();
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    private static ReplicationConnection open(ServerAddress address) {
        return ReplicationConnection.open(address, "muster-test", Clock.systemUTC());
    }

    private static ServerAddress replicator(String password) {
        return ServerAddress.trusted("127.0.0.1", cluster.port(), "replicator")
                .withPassword(() -> Optional.of(password));
    }

    @Test
    void theServerSaysWhoItIs() throws Exception {
        try (ReplicationConnection connection = open(cluster.address())) {
            ReplicationConnection.SystemIdentity identity = connection.identifySystem();
            assertThat(identity.systemId())
                    .isEqualTo(cluster.value("select system_identifier from pg_control_system()"));
            assertThat(identity.timeline()).isEqualTo(1);
            assertThat(connection.walSegmentSize()).isEqualTo(MEGABYTE);
        }
    }

    @Test
    void aPasswordIsProvenByScram() {
        try (ReplicationConnection connection = open(replicator("a secret"))) {
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }
    }

    @Test
    void aPasswordIsProvenByScramBoundToTheServersCertificate() throws Exception {
        Path authority = cluster.data().resolve("server.crt");
        ServerAddress address = replicator("a secret").withTls(ServerAddress.Tls.VERIFY_FULL, Optional.of(authority));
        try (ReplicationConnection connection = open(address)) {
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
            assertThat(cluster.value("select count(*) from pg_stat_ssl join pg_stat_activity using (pid)"
                            + " where ssl and backend_type = 'walsender'"))
                    .isEqualTo("1");
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused() {
        ServerAddress address = replicator("a secret").withTls(ServerAddress.Tls.VERIFY_FULL, Optional.empty());
        assertThatThrownBy(() -> open(address))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("TLS_FAILED"));
    }

    @Test
    void aWrongPasswordIsRefusedAndNeverPrinted() {
        assertThatThrownBy(() -> open(replicator("not the secret"))).isInstanceOfSatisfying(ServerError.class, e -> {
            assertThat(e.code()).isEqualTo("AUTHENTICATION_FAILED");
            assertThat(e.sqlState()).isEqualTo("28P01");
            assertThat(e.getMessage()).doesNotContain("not the secret");
        });
        assertThat(replicator("not the secret").toString()).doesNotContain("not the secret");
    }

    @Test
    void aClearTextPasswordIsSentInsideTlsOnly() {
        ServerAddress address =
                ServerAddress.trusted("127.0.0.1", cluster.port(), "old").withPassword(() -> Optional.of("a secret"));
        assertThatThrownBy(() -> open(address))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("AUTHENTICATION_UNSAFE"));
        try (ReplicationConnection connection = open(address.withTls(ServerAddress.Tls.REQUIRE, Optional.empty()))) {
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatIsNotThereIsNamed() throws Exception {
        int nobody = TestCluster.freePort();
        assertThatThrownBy(() -> open(ServerAddress.trusted("127.0.0.1", nobody, "postgres")))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("CONNECTION_FAILED");
                    assertThat(e.getMessage()).contains("127.0.0.1:" + nobody);
                });
    }

    @Test
    void anErrorCarriesItsSqlStateAndTheConnectionGoesOn() {
        try (ReplicationConnection connection = open(cluster.address())) {
            assertThatThrownBy(() -> connection.startReplication("no_such_slot", new Lsn(MEGABYTE), 1))
                    .isInstanceOfSatisfying(
                            ServerError.class, e -> assertThat(e.sqlState()).isEqualTo("42704"));
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }
    }

    @Test
    void aSlotsNameCannotCarryACommand() {
        try (ReplicationConnection connection = open(cluster.address())) {
            assertThatThrownBy(() -> connection.createPhysicalSlot("x PHYSICAL; DROP_REPLICATION_SLOT y"))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("SLOT_NAME_INVALID"));
        }
    }

    @Test
    void walArrivesByteForByteOverSeveralSegments() throws Exception {
        try (ReplicationConnection connection = open(cluster.address())) {
            assertThat(connection.readReplicationSlot("copy")).isEmpty();
            connection.createPhysicalSlot("copy");
            Lsn restart = connection
                    .readReplicationSlot("copy")
                    .orElseThrow()
                    .restart()
                    .orElseThrow();
            Lsn from = restart.segmentStart(MEGABYTE);
            cluster.execute("create table filler as select repeat('x', 500) || g as t from generate_series(1, 8000) g");
            Lsn to = cluster.flushed();
            assertThat(to.minus(from)).isGreaterThan(3L * MEGABYTE);
            byte[] received = receive(connection.startReplication("copy", from, 1), from, to);
            assertThat(received).isEqualTo(walFiles(from, received.length));
        }
    }

    private static byte[] receive(WalStream stream, Lsn from, Lsn to) {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (from.plus(received.size()).isBefore(to)) {
            if (stream.next(Duration.ofSeconds(10)) instanceof WalStream.Data data) {
                assertThat(data.start()).isEqualTo(from.plus(received.size()));
                byte[] bytes = new byte[data.bytes().remaining()];
                data.bytes().get(bytes);
                received.writeBytes(bytes);
            }
            stream.confirm(from.plus(received.size()), from, false);
        }
        return received.toByteArray();
    }

    private static byte[] walFiles(Lsn from, int length) throws IOException {
        ByteArrayOutputStream files = new ByteArrayOutputStream();
        for (Lsn segment = from; files.size() < length; segment = segment.plus(MEGABYTE)) {
            String name = String.format(
                    "00000001%08X%08X", segment.value() / (1L << 32), (segment.value() % (1L << 32)) / MEGABYTE);
            files.writeBytes(Files.readAllBytes(cluster.data().resolve("pg_wal").resolve(name)));
        }
        return Arrays.copyOf(files.toByteArray(), length);
    }
}
