package dev.muster.drivers.traffic.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Programs;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.route53.model.Change;
import software.amazon.awssdk.services.route53.model.ChangeAction;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/**
 * Against moto, which speaks Route 53's protocol but takes a record that is made a second time with the same values for a
 * duplicate: the way there is tried here, the way back and the propagation in {@link Route53TrafficTest}.
 */
class MotoRoute53Test {
    private static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret"));

    @TempDir
    Path folder;

    @Test
    @DisplayName("Weighted records move in one batch, and the change's state can be asked for")
    void moto() {
        Path program = Programs.find("moto_server", "pip install 'moto[server]==5.2.1'");
        int port = Programs.freePort();
        Process process = Programs.start(
                List.of(program.toString(), "-H", "127.0.0.1", "-p", Integer.toString(port)),
                folder.resolve("log"),
                () -> answers(port));
        URI url = URI.create("http://127.0.0.1:" + port);
        try (Route53Client admin = Route53Client.builder()
                .region(Region.AWS_GLOBAL)
                .endpointOverride(url)
                .credentialsProvider(CREDENTIALS)
                .httpClient(UrlConnectionHttpClient.create())
                .build()) {
            String zone = admin.createHostedZone(
                            request -> request.name("example.org").callerReference("one"))
                    .hostedZone()
                    .id()
                    .replace("/hostedzone/", "");
            create(admin, zone, "app.example.org.", "e", 100, "192.0.2.1");
            create(admin, zone, "app.example.org.", "w", 0, "192.0.2.2");
            create(admin, zone, "bpp.example.org.", "other", 5, "192.0.2.3");
            try (Route53Traffic traffic = new Route53Traffic(settings(url, zone), Patience.usual())) {
                Desired desired = Desired.of(Shares.only("west"), "t")
                        .from(traffic.observe().before().orElseThrow());
                Outcome outcome = traffic.apply(desired, Progress.UNWATCHED);
                assertThat(outcome.effect()).isEqualTo(Outcome.Effect.CHANGED);
                try (HostedZone asked = new HostedZone(settings(url, zone))) {
                    assertThat(asked.isInSync(outcome.results().get(0).detail()))
                            .isTrue();
                }
                assertThat(traffic.observe().agreed()).contains(Shares.only("west"));
            }
            try (Route53Traffic nowhere = new Route53Traffic(settings(url, "ZNOWHERE"), Patience.usual())) {
                assertThatThrownBy(() -> nowhere.apply(Desired.of(Shares.only("west"), "t"), Progress.UNWATCHED))
                        .isInstanceOfSatisfying(
                                TrafficException.class,
                                e -> assertThat(e.code()).isEqualTo("TRAFFIC_PLACE_UNKNOWN"));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            Programs.end(process);
        }
    }

    private static Route53Settings settings(URI url, String zone) {
        return new Route53Settings(
                zone,
                "app.example.org",
                "A",
                Route53Settings.Routing.WEIGHTED,
                Map.of(
                        "east", new Route53Settings.Site("e", List.of()),
                        "west", new Route53Settings.Site("w", List.of())),
                Duration.ofSeconds(60),
                CREDENTIALS,
                Optional.of(url),
                Duration.ofSeconds(30));
    }

    private static void create(Route53Client admin, String zone, String name, String id, long weight, String value) {
        ResourceRecordSet set = ResourceRecordSet.builder()
                .name(name)
                .type("A")
                .setIdentifier(id)
                .weight(weight)
                .ttl(60L)
                .resourceRecords(ResourceRecord.builder().value(value).build())
                .build();
        admin.changeResourceRecordSets(request -> request.hostedZoneId(zone)
                .changeBatch(batch -> batch.changes(Change.builder()
                        .action(ChangeAction.CREATE)
                        .resourceRecordSet(set)
                        .build())));
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
