package dev.muster.drivers.traffic.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Before;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Programs;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Against a service that keeps Route 53's promises about batches and propagation. */
class Route53TrafficTest {
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(20));
    private static final Map<String, Route53Settings.Site> WEIGHTED =
            Map.of("east", new Route53Settings.Site("e", List.of()), "west", new Route53Settings.Site("w", List.of()));
    private static final Map<String, Route53Settings.Site> SIMPLE = Map.of(
            "east", new Route53Settings.Site("", List.of("192.0.2.1")),
            "west", new Route53Settings.Site("", List.of("192.0.2.2")));

    private final RecordsService service;

    /** JUnit makes an instance for each test. */
    Route53TrafficTest() throws IOException {
        service = new RecordsService();
        service.put(RecordsService.weighted("e", 100, "192.0.2.1"), RecordsService.weighted("w", 0, "192.0.2.2"));
    }

    @AfterEach
    void end() {
        service.close();
    }

    @Test
    @DisplayName(
            "Weights move in one batch, there and back, and are proven when Route 53 says that all servers have them")
    void weighted() {
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.WEIGHTED, WEIGHTED)) {
            Desired desired = to("west").from(traffic.observe().before().orElseThrow());
            assertThat(traffic.check(desired).possible()).isTrue();
            assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
            assertThat(service.batches).hasSize(1);
            assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
            assertThat(service.batches).hasSize(1);

            service.pending.set(1000);
            Verification early = traffic.verify(desired, Instant.now().plusMillis(100), Progress.UNWATCHED);
            assertThat(early.standing()).isEqualTo(Verification.Standing.NOT_YET);
            assertThat(early.missing()).extracting(Fault::code).containsExactly("TRAFFIC_NOT_YET");
            service.pending.set(2);
            Instant asked = Instant.now();
            Verification proof = traffic.verify(desired, soon(), Progress.UNWATCHED);
            assertThat(proof.standing()).isEqualTo(Verification.Standing.PROVEN);
            assertThat(proof.oldAnswersUntil().orElseThrow()).isAfterOrEqualTo(asked.plusSeconds(60));
            assertThat(traffic.observe().agreed()).contains(Shares.only("west"));

            Desired canary = Desired.of(new Shares(Map.of("east", 10, "west", 90)), "canary");
            assertThat(traffic.apply(canary, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
            assertThat(traffic.observe().agreed()).contains(canary.shares());
            assertThat(traffic.apply(to("east"), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
            assertThat(traffic.verify(to("east"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
        }
    }

    @Test
    @DisplayName("Failover records change roles, simple ones their values")
    void others() {
        service.put(
                RecordsService.set("<SetIdentifier>e</SetIdentifier><Failover>PRIMARY</Failover>", 60, "192.0.2.1"),
                RecordsService.set("<SetIdentifier>w</SetIdentifier><Failover>SECONDARY</Failover>", 60, "192.0.2.2"));
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.FAILOVER, WEIGHTED)) {
            assertThat(traffic.observe().agreed()).contains(Shares.only("east"));
            traffic.apply(to("west"), Progress.UNWATCHED);
            assertThat(traffic.verify(to("west"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
        }
        service.put(RecordsService.set("", 300, "192.0.2.1"));
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.SIMPLE, SIMPLE)) {
            assertThat(traffic.observe().before().orElseThrow().ttl()).isEqualTo(Duration.ofMinutes(5));
            traffic.apply(to("west"), Progress.UNWATCHED);
            assertThat(traffic.verify(to("west"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
            service.put(RecordsService.set("", 300, "198.51.100.1"));
            refused("TRAFFIC_CHANGED", traffic, to("east"));
        }
    }

    @Test
    @DisplayName("What somebody else changes between the look and the batch is not overwritten")
    void race() {
        Route53Settings settings = settings(Route53Settings.Routing.WEIGHTED, WEIGHTED);
        try (HostedZone zone = new HostedZone(settings)) {
            var seen = zone.seen();
            var change = new RecordChange(settings, zone.name()).replacement(seen, Shares.only("west"));
            service.put(
                    RecordsService.weighted("e", 100, "192.0.2.1"), RecordsService.weighted("w", 0, "198.51.100.2"));
            assertThatThrownBy(() -> zone.replace(change.seen(), change.wanted(), "t"))
                    .isInstanceOfSatisfying(
                            TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_CHANGED"));
            assertThat(zone.seen().toString()).contains("198.51.100.2");
        }
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.WEIGHTED, WEIGHTED)) {
            Before even = new Before(new Shares(Map.of("east", 50, "west", 50)), Duration.ZERO);
            refused("TRAFFIC_CHANGED", traffic, to("west").from(even));
        }
    }

    @Test
    @DisplayName("A lost answer is an unknown outcome, asked for once, which a look resolves")
    void lost() {
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.WEIGHTED, WEIGHTED)) {
            service.lost.set(1);
            assertThat(traffic.apply(to("west"), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.UNKNOWN);
            assertThat(service.batches).hasSize(1);
            assertThat(traffic.observe().agreed()).contains(Shares.only("west"));
            assertThat(traffic.apply(to("west"), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
        }
    }

    @Test
    @DisplayName("Nobody is refused: with all weights 0 Route 53 gives every site its share")
    void nobody() {
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.WEIGHTED, WEIGHTED)) {
            refused("TRAFFIC_SHARES_UNSUPPORTED", traffic, Desired.of(Shares.NOBODY, "t"));
            refused("TRAFFIC_SITE_UNKNOWN", traffic, to("north"));
        }
        service.put(RecordsService.weighted("e", 100, "192.0.2.1"));
        try (Route53Traffic traffic = traffic(Route53Settings.Routing.WEIGHTED, WEIGHTED)) {
            refused("TRAFFIC_PLACE_UNKNOWN", traffic, to("west"));
        }
    }

    @Test
    @DisplayName("A service that is away is told as such")
    void away() {
        Route53Settings here = settings(Route53Settings.Routing.WEIGHTED, WEIGHTED);
        Route53Settings settings = new Route53Settings(
                here.zone(),
                here.record(),
                here.type(),
                here.routing(),
                here.sites(),
                here.ttl(),
                here.credentials(),
                Optional.of(URI.create("http://127.0.0.1:" + Programs.freePort())),
                here.timeout());
        try (Route53Traffic traffic = new Route53Traffic(settings, PATIENCE);
                HostedZone zone = new HostedZone(settings)) {
            refused("TRAFFIC_UNREACHABLE", traffic, to("west"));
            assertThatThrownBy(() -> zone.replace(List.of(), List.of(), "t"))
                    .isInstanceOfSatisfying(
                            TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_UNREACHABLE"));
        }
    }

    private static void refused(String code, Route53Traffic traffic, Desired desired) {
        assertThatThrownBy(() -> traffic.apply(desired, Progress.UNWATCHED))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static Desired to(String site) {
        return Desired.of(Shares.only(site), "run/switch");
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(30);
    }

    private Route53Traffic traffic(Route53Settings.Routing routing, Map<String, Route53Settings.Site> sites) {
        return new Route53Traffic(settings(routing, sites), PATIENCE);
    }

    private Route53Settings settings(Route53Settings.Routing routing, Map<String, Route53Settings.Site> sites) {
        return new Route53Settings(
                "Z1",
                "app.example.org",
                "A",
                routing,
                sites,
                Duration.ofSeconds(60),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")),
                Optional.of(service.url()),
                Duration.ofSeconds(10));
    }
}
