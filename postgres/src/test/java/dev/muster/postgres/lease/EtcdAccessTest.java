package dev.muster.postgres.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.fence.BootClock;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdAccessTest {
    @TempDir
    Path folder;

    @Test
    @Thorough
    @DisplayName("etcd is reached by TLS with a client's certificate, as a user with a password, and refuses others")
    void certificatesAndPassword() throws Exception {
        ThreeVoters.require();
        makeCertificates();
        int port = TestCluster.freePort();
        String client = "https://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + TestCluster.freePort();
        Process etcd = run(
                "etcd",
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--client-cert-auth",
                "--trusted-ca-file=" + folder.resolve("ca.pem"),
                "--cert-file=" + folder.resolve("etcd.pem"),
                "--key-file=" + folder.resolve("etcd.key"));
        try {
            Optional<EtcdTls> tls = Optional.of(new EtcdTls(
                    folder.resolve("ca.pem"),
                    Optional.of(new EtcdTls.Client(
                            folder.resolve("client.pem"), Files.readString(folder.resolve("client.key"))))));
            Etcd open = new Etcd(settings(client, tls, "", ""));
            Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
                open.call("/v3/kv/range", Etcd.object().put("key", "YQ=="));
                return true;
            });
            open.call("/v3/auth/user/add", Etcd.object().put("name", "root").put("password", "correct"));
            open.call("/v3/auth/user/grant", Etcd.object().put("user", "root").put("role", "root"));
            open.call("/v3/auth/enable", Etcd.object());

            EtcdLease right = lease(settings(client, tls, "root", "correct"));
            LeaseHold hold = right.acquire();
            assertThat(right.renew(hold).revision()).isGreaterThan(hold.revision());
            assertCode("ETCD_REFUSED", lease(settings(client, tls, "root", "wrong")));
            assertCode("ETCD_UNREACHABLE", lease(settings(client, Optional.empty(), "root", "correct")));
        } finally {
            etcd.destroyForcibly().waitFor();
        }
    }

    private static void assertCode(String code, EtcdLease lease) {
        assertThatThrownBy(lease::holder)
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static EtcdLease lease(EtcdSettings settings) {
        return new EtcdLease(
                settings,
                "/muster/orders/main",
                new LeaseHolder("orders/db1", 7),
                Duration.ofSeconds(10),
                BootClock.ofThisMachine());
    }

    private static EtcdSettings settings(String endpoint, Optional<EtcdTls> tls, String user, String password) {
        return new EtcdSettings(
                List.of(URI.create(endpoint)),
                user.isEmpty() ? Optional.empty() : Optional.of(new EtcdSettings.Credentials(user, password)),
                tls,
                Duration.ofSeconds(3));
    }

    /** The client's without a common name: etcd refuses one that has it together with a user and a password. */
    private void makeCertificates() throws IOException, InterruptedException {
        shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2"
                + " -subj /CN=authority");
        for (String name : List.of("etcd", "client")) {
            shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name
                    + ".csr -subj /O=muster && echo subjectAltName=IP:127.0.0.1 > " + name + ".ext && openssl x509 -req"
                    + " -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile " + name
                    + ".ext -out " + name + ".pem");
        }
    }

    private void shell(String command) throws IOException, InterruptedException {
        int code = run("/bin/sh", "-c", command).waitFor();
        if (code == 127) {
            Thorough.Loud.say("NOT RUN, THERE IS NO OPENSSL: TLS with etcd. To run it: apt-get install openssl");
            Assumptions.abort("there is no openssl");
        }
        assertThat(code).as(command).isZero();
    }

    private Process run(String... command) throws IOException {
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output").toFile()))
                .start();
    }
}
