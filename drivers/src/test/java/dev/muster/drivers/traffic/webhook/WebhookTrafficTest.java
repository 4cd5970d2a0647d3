package dev.muster.drivers.traffic.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Drain;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Programs;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Secret;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Against an HTTP server that checks signatures and keeps what it was told. */
class WebhookTrafficTest {
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(20));

    private final Operator operator;

    /** JUnit makes an instance for each test. */
    WebhookTrafficTest() throws IOException {
        operator = new Operator();
    }

    @AfterEach
    void end() {
        operator.close();
    }

    @Test
    @DisplayName("A signed request moves traffic, what is reported proves it, and a repeat asks for nothing")
    void moves() {
        WebhookTraffic traffic = traffic(operator.change(), Operator.SECRET);
        Observation before = traffic.observe();
        assertThat(before.agreed()).contains(Shares.only("east"));
        Answer.Shown shown = before.places().get(0).shown().orElseThrow();
        assertThat(shown.sites().get("east"))
                .satisfies(site -> assertThat(site.connections()).contains(7L));
        Desired desired = Desired.of(Shares.only("west"), "run/step")
                .from(before.before().orElseThrow())
                .drained(new Drain(Duration.ofSeconds(20), true));
        assertThat(traffic.check(desired).possible()).isTrue();
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(operator.tokens).containsExactly("run/step");
        assertThat(operator.bodies.getFirst().toString())
                .isEqualTo(
                        "{\"version\":1,\"token\":\"run/step\",\"endpoint\":\"app\",\"shares\":{\"east\":0,\"west\":100},"
                                + "\"before\":{\"east\":100,\"west\":0},\"drain\":{\"seconds\":20,\"closeRest\":true}}");
        assertThat(traffic.verify(desired, soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.PROVEN);
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
        assertThat(operator.tokens).hasSize(1);
    }

    @Test
    @DisplayName("The signature is HMAC-SHA-256 as the page says")
    void signature() {
        assertThat(Signature.of(
                        "key".getBytes(StandardCharsets.US_ASCII),
                        Instant.ofEpochSecond(1_700_000_000),
                        "POST",
                        "/traffic?for=app",
                        "{}".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("v1=00bddf25bd1fa8077a19140fdf47caa52cdc152c0f21f74c372347465be62f11");
    }

    @Test
    @DisplayName("Only what was certainly not taken is asked for again, with the same token and within bounds")
    void repeats() {
        WebhookTraffic traffic = traffic(operator.change(), Operator.SECRET);
        operator.trouble(503, 429);
        assertThat(traffic.apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(operator.tokens).containsExactly("t", "t", "t");
        operator.trouble(503, 503, 503);
        refused("TRAFFIC_BUSY", traffic, Desired.of(Shares.only("east"), "u"));
        assertThat(operator.tokens).hasSize(6);
        WebhookTraffic nobody = traffic(URI.create("http://127.0.0.1:" + Programs.freePort() + "/"), Operator.SECRET);
        refused("TRAFFIC_UNREACHABLE", nobody, west());
        WebhookTraffic blind = new WebhookTraffic(
                settings(
                        URI.create("http://127.0.0.1:" + Programs.freePort() + "/"),
                        Optional.empty(),
                        Operator.SECRET,
                        true),
                PATIENCE);
        List<String> attempts = new java.util.ArrayList<>();
        assertThatThrownBy(() -> blind.apply(west(), attempts::add))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_UNREACHABLE"));
        assertThat(attempts).hasSize(3);
    }

    @Test
    @DisplayName("A lost answer and a failure in the middle are unknown outcomes, and are not asked for again")
    void lost() {
        WebhookTraffic traffic = traffic(operator.change(), Operator.SECRET);
        operator.trouble(Operator.SILENCE);
        assertThat(traffic.apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.UNKNOWN);
        assertThat(operator.tokens).hasSize(1);
        assertThat(traffic.observe().agreed()).contains(Shares.only("west"));
        operator.trouble(500);
        assertThat(traffic.apply(Desired.of(Shares.only("east"), "u"), Progress.UNWATCHED)
                        .effect())
                .isEqualTo(Outcome.Effect.UNKNOWN);
        assertThat(operator.tokens).hasSize(2);
        assertThat(traffic.observe().agreed()).contains(Shares.only("west"));
    }

    @Test
    @DisplayName("A wrong secret, a conflict and a redirect are told as such")
    void refusals() {
        byte[] wrong = new byte[20];
        assertThat(traffic(operator.change(), wrong).check(west()).refusals())
                .extracting(Fault::code)
                .containsExactly("TRAFFIC_DENIED");
        WebhookTraffic traffic = traffic(operator.change(), Operator.SECRET);
        operator.trouble(409);
        refused("TRAFFIC_CHANGED", traffic, west());
        WebhookTraffic moved = new WebhookTraffic(
                settings(operator.elsewhere(), Optional.of(operator.change()), Operator.SECRET, false), PATIENCE);
        refused("TRAFFIC_REFUSED", moved, west());
        assertThat(operator.bodies).isEmpty();
    }

    @Test
    @DisplayName("What is reported is believed only if it makes sense, and somebody else's change is not overwritten")
    void reports() {
        WebhookTraffic traffic = traffic(operator.change(), Operator.SECRET);
        for (String nonsense : List.of(
                "",
                "hello",
                "[]",
                "{}",
                "{\"shares\": {\"east\": 120}}",
                "{\"shares\": {\"east\": \"all\"}}",
                "{\"shares\": {\"east\": 40}}",
                "x".repeat(1 << 20))) {
            operator.report(nonsense);
            assertThat(traffic.observe().places().get(0).fault().orElseThrow().code())
                    .isEqualTo("TRAFFIC_ANSWER_INVALID");
            refused("TRAFFIC_ANSWER_INVALID", traffic, west());
        }
        operator.report("{\"shares\": {\"north\": 100}}");
        refused("TRAFFIC_CHANGED", traffic, west());
        operator.report("{\"shares\": {\"east\": 50, \"west\": 50}}");
        refused(
                "TRAFFIC_CHANGED",
                traffic,
                west().from(new dev.muster.drivers.traffic.Before(Shares.only("east"), Duration.ZERO)));
        assertThat(operator.bodies).isEmpty();
    }

    @Test
    @DisplayName("Without anybody to ask, a switch is made only if that was accepted, and is never called proven")
    void unverified() {
        WebhookTraffic strict =
                new WebhookTraffic(settings(operator.change(), Optional.empty(), Operator.SECRET, false), PATIENCE);
        assertThat(strict.check(west()).possible()).isFalse();
        refused("TRAFFIC_NOT_VERIFIABLE", strict, west());
        WebhookTraffic accepted =
                new WebhookTraffic(settings(operator.change(), Optional.empty(), Operator.SECRET, true), PATIENCE);
        assertThat(accepted.check(west()).possible()).isTrue();
        assertThat(accepted.check(west()).warnings()).hasSize(1);
        assertThat(accepted.apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(accepted.verify(west(), soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.CANNOT);
        assertThat(accepted.observe().agreed()).isEmpty();
    }

    @Test
    @DisplayName("Plain HTTP is for this machine's own loopback")
    void plain() {
        assertThatThrownBy(() -> settings(URI.create("http://example.org/t"), Optional.empty(), Operator.SECRET, true))
                .isInstanceOf(TrafficException.class);
        assertThat(settings(operator.change(), Optional.empty(), Operator.SECRET, true)
                        .toString())
                .contains("(secret)");
    }

    private static Desired west() {
        return Desired.of(Shares.only("west"), "t");
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(10);
    }

    private static void refused(String code, WebhookTraffic traffic, Desired desired) {
        assertThatThrownBy(() -> traffic.apply(desired, Progress.UNWATCHED))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static WebhookTraffic traffic(URI change, byte[] secret) {
        return new WebhookTraffic(settings(change, Optional.of(change), secret, false), PATIENCE);
    }

    private static WebhookSettings settings(URI change, Optional<URI> status, byte[] secret, boolean accept) {
        return new WebhookSettings(
                "app",
                List.of("east", "west"),
                change,
                status,
                Optional.of(new Secret(secret)),
                Duration.ofSeconds(5),
                3,
                accept);
    }
}
