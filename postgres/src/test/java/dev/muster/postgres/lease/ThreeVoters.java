package dev.muster.postgres.lease;

import dev.muster.postgres.TestCluster;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** A real etcd of three voters on the loopback. */
final class ThreeVoters implements AutoCloseable {
    private static final List<Path> PLACES = List.of(Path.of("/usr/bin/etcd"), Path.of("/usr/local/bin/etcd"));

    private final List<Process> members = new ArrayList<>();
    private final List<URI> endpoints = new ArrayList<>();

    /** Skips the test, loudly, where etcd is not installed. */
    static void require() {
        if (PLACES.stream().noneMatch(Files::isExecutable)) {
            String loud = "NOT RUN, THERE IS NO ETCD: tests of the lease. To run them: apt-get install etcd-server";
            Thorough.Loud.say(loud);
            Assumptions.abort(loud);
        }
    }

    ThreeVoters(Path folder) throws IOException {
        Path program = PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow();
        List<Integer> peers = new ArrayList<>();
        StringBuilder cluster = new StringBuilder();
        for (int member = 0; member < 3; member++) {
            peers.add(TestCluster.freePort());
            endpoints.add(URI.create("http://127.0.0.1:" + TestCluster.freePort()));
            cluster.append(member == 0 ? "" : ",")
                    .append("m" + member + "=http://127.0.0.1:")
                    .append(peers.get(member));
        }
        for (int member = 0; member < 3; member++) {
            String peer = "http://127.0.0.1:" + peers.get(member);
            String client = endpoints.get(member).toString();
            members.add(new ProcessBuilder(
                            program.toString(),
                            "--name=m" + member,
                            "--data-dir=" + folder.resolve("m" + member),
                            "--listen-peer-urls=" + peer,
                            "--initial-advertise-peer-urls=" + peer,
                            "--listen-client-urls=" + client,
                            "--advertise-client-urls=" + client,
                            "--initial-cluster=" + cluster,
                            "--heartbeat-interval=50",
                            "--election-timeout=500",
                            "--logger=zap",
                            "--log-outputs=" + folder.resolve("m" + member + ".log"))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("m" + member + ".out").toFile())
                    .start());
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            new Etcd(settings()).call("/v3/kv/range", Etcd.object().put("key", "YQ=="));
            return true;
        });
    }

    EtcdSettings settings() {
        return through(endpoints);
    }

    static EtcdSettings through(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Optional.empty(), Duration.ofMillis(400));
    }

    List<URI> endpoints() {
        return endpoints;
    }

    /** Of the first so many members; a connection is accepted all the same, and nothing answers. */
    void signal(String signal, int count) throws IOException, InterruptedException {
        for (Process member : members.subList(0, count)) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(member.pid()))
                    .start()
                    .waitFor();
        }
    }

    @Override
    public void close() throws IOException {
        for (Process member : members) {
            member.destroyForcibly();
        }
        try {
            for (Process member : members) {
                member.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
