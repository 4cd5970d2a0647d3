package dev.muster.drivers.traffic.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Drain;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.SiteTraffic;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against HAProxy itself, in front of two servers that say who they are. */
class HaproxyTrafficTest {
    private static final Map<String, List<String>> SITES = Map.of("east", List.of("east1"), "west", List.of("west1"));
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(20));

    @TempDir
    Path folder;

    private @Nullable NamedServer east;
    private @Nullable NamedServer west;
    private @Nullable LoadBalancer haproxy;

    @BeforeEach
    void start() throws IOException {
        east = new NamedServer("east");
        west = new NamedServer("west");
        haproxy = new LoadBalancer(folder.resolve("one"), east, west, "");
    }

    @AfterEach
    void end() throws IOException {
        if (haproxy != null) {
            haproxy.close();
        }
        Objects.requireNonNull(east).close();
        Objects.requireNonNull(west).close();
    }

    @Test
    @DisplayName("Traffic moves from site to site and back, and each step is seen at the endpoint")
    void moves() throws IOException {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        Observation before = traffic.observe();
        assertThat(before.agreed()).contains(Shares.only("east"));
        Answer.Shown shown = before.places().get(0).shown().orElseThrow();
        assertThat(shown.sites().get("west")).extracting(SiteTraffic::state).isEqualTo(SiteTraffic.State.OFF);
        assertThat(haproxy().reached()).isEqualTo("east");

        Desired desired = to("west").from(before.before().orElseThrow());
        assertThat(traffic.check(desired).possible()).isTrue();
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        Verification proof = traffic.verify(desired, soon(), Progress.UNWATCHED);
        assertThat(proof.standing()).isEqualTo(Verification.Standing.PROVEN);
        assertThat(proof.oldAnswersUntil()).isEmpty();
        assertThat(haproxy().reached()).isEqualTo("west");
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);

        HaproxyTraffic overTcp = traffic(haproxy().tcp());
        overTcp.apply(to("east"), Progress.UNWATCHED);
        assertThat(haproxy().reached()).isEqualTo("east");
    }

    @Test
    @DisplayName("A drain lets clients finish, opens the other site only then, and sends new ones nowhere meanwhile")
    void drained() throws Exception {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        LoadBalancer.Client client = haproxy().connect();
        assertThat(client.site()).isEqualTo("east");
        CompletableFuture<String> waiting = new CompletableFuture<>();
        CompletableFuture<Outcome> outcome = CompletableFuture.supplyAsync(() ->
                traffic.apply(to("west").drained(new Drain(Duration.ofMinutes(1), false)), said -> {
                    if (said.startsWith("1 connections left")) {
                        waiting.complete(said);
                    }
                }));
        waiting.get(30, TimeUnit.SECONDS);
        Answer.Shown shown = traffic.observe().places().get(0).shown().orElseThrow();
        SiteTraffic draining = Objects.requireNonNull(shown.sites().get("east"));
        assertThat(draining.state()).isEqualTo(SiteTraffic.State.DRAINING);
        assertThat(draining.connections()).contains(1L);
        assertThat(shown.shares()).isEqualTo(Shares.NOBODY);
        assertThat(haproxy().reached()).isEmpty();
        assertThat(client.isEnded()).isFalse();
        assertThat(outcome).isNotDone();
        client.close();
        assertThat(outcome.get(30, TimeUnit.SECONDS).results().get(0).connectionsLeft())
                .contains(0L);
        assertThat(haproxy().reached()).isEqualTo("west");
    }

    @Test
    @DisplayName("A change whose worker died while it waited goes on in another one, on the plan that it was made for")
    void goesOn() throws IOException {
        HaproxyTraffic dying = traffic(haproxy().admin());
        Desired desired =
                to("west").from(dying.observe().before().orElseThrow()).drained(new Drain(Duration.ofMinutes(1), true));
        try (LoadBalancer.Client client = haproxy().connect()) {
            assertThatThrownBy(() -> dying.apply(desired, said -> {
                        if (said.startsWith("1 connections left")) {
                            throw new CancellationException("killed");
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(haproxy().reached()).isEmpty();
            assertThat(client.isEnded()).isFalse();
        }
        HaproxyTraffic next = traffic(haproxy().admin());
        assertThat(next.check(desired).possible()).isTrue();
        assertThat(next.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(haproxy().reached()).isEqualTo("west");
    }

    @Test
    @DisplayName("A drain ends at its bound: what is left goes on and is counted, or is closed when that is asked for")
    void bound() throws IOException {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        try (LoadBalancer.Client patient = haproxy().connect()) {
            Outcome kept =
                    traffic.apply(to("west").drained(new Drain(Duration.ofMillis(200), false)), Progress.UNWATCHED);
            assertThat(kept.results().get(0).connectionsLeft()).contains(1L);
            assertThat(patient.isEnded()).isFalse();
            assertThat(haproxy().reached()).isEqualTo("west");
        }
        try (LoadBalancer.Client stubborn = haproxy().connect()) {
            assertThat(stubborn.site()).isEqualTo("west");
            Outcome closed =
                    traffic.apply(to("east").drained(new Drain(Duration.ofMillis(200), true)), Progress.UNWATCHED);
            assertThat(closed.results().get(0).connectionsLeft()).contains(0L);
            assertThat(stubborn.isEnded()).isTrue();
            assertThat(haproxy().reached()).isEqualTo("east");
        }
    }

    @Test
    @DisplayName("All traffic can be stopped, and opened again elsewhere")
    void nobody() throws IOException {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        Desired stop = Desired.of(Shares.NOBODY, "stop")
                .from(traffic.observe().before().orElseThrow());
        traffic.apply(stop, Progress.UNWATCHED);
        assertThat(traffic.verify(stop, soon(), Progress.UNWATCHED).standing()).isEqualTo(Verification.Standing.PROVEN);
        assertThat(haproxy().reached()).isEmpty();
        traffic.apply(to("west").from(traffic.observe().before().orElseThrow()), Progress.UNWATCHED);
        assertThat(haproxy().reached()).isEqualTo("west");
    }

    @Test
    @DisplayName("Weights send the asked percentage, and the way back gives the site all of it")
    void canary() throws IOException {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        Desired canary = Desired.of(new Shares(Map.of("east", 75, "west", 25)), "canary")
                .from(traffic.observe().before().orElseThrow());
        traffic.apply(canary, Progress.UNWATCHED);
        assertThat(traffic.verify(canary, soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.PROVEN);
        Map<String, Integer> reached = new HashMap<>();
        for (int client = 0; client < 40; client++) {
            reached.merge(haproxy().reached(), 1, Integer::sum);
        }
        assertThat(reached.get("west")).isBetween(8, 12);
        // Left half-way by a worker that died: the same change goes on, though neither old nor new shares are there.
        Desired more = Desired.of(new Shares(Map.of("east", 50, "west", 50)), "more")
                .from(traffic.observe().before().orElseThrow());
        haproxy().ask("set server db/east1 weight 128");
        assertThat(traffic.apply(more, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(traffic.observe().agreed()).contains(more.shares());
        traffic.apply(to("east"), Progress.UNWATCHED);
        assertThat(traffic.observe().agreed()).contains(Shares.only("east"));
    }

    @Test
    @DisplayName("What somebody else set is not overwritten")
    void changed() throws IOException {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        Desired planned = to("west").from(traffic.observe().before().orElseThrow());
        haproxy().ask("set server db/west1 state ready");
        haproxy().ask("set server db/east1 weight 30");
        assertThat(traffic.check(planned).refusals()).extracting(Fault::code).containsExactly("TRAFFIC_CHANGED");
        refused("TRAFFIC_CHANGED", traffic, planned);
        assertThat(traffic.observe().agreed()).contains(new Shares(Map.of("east", 75, "west", 25)));
    }

    @Test
    @DisplayName("A reload that forgets the states is noticed, and the same change repairs it")
    void reload() throws Exception {
        HaproxyTraffic traffic = traffic(haproxy().admin());
        Desired desired = to("west").from(traffic.observe().before().orElseThrow());
        traffic.apply(desired, Progress.UNWATCHED);
        assertThat(haproxy().reached()).isEqualTo("west");
        haproxy().reload();
        assertThat(traffic.observe().agreed()).contains(Shares.only("east"));
        assertThat(traffic.verify(desired, Instant.now(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.NOT_YET);
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(haproxy().reached()).isEqualTo("west");
    }

    @Test
    @DisplayName("A reload that was told the states keeps them, as the page says")
    void reloadWithStates() throws Exception {
        try (LoadBalancer other = new LoadBalancer(
                folder.resolve("keeping"),
                Objects.requireNonNull(east),
                Objects.requireNonNull(west),
                "  load-server-state-from-file global")) {
            HaproxyTraffic traffic = traffic(other.admin());
            traffic.apply(to("west"), Progress.UNWATCHED);
            other.writeStates();
            other.reload();
            assertThat(traffic.observe().agreed()).contains(Shares.only("west"));
            assertThat(other.reached()).isEqualTo("west");
        }
    }

    @Test
    @DisplayName("Of several HAProxies all must agree; the one that is away is named, and the others move")
    void several() throws IOException {
        LoadBalancer second =
                new LoadBalancer(folder.resolve("two"), Objects.requireNonNull(east), Objects.requireNonNull(west), "");
        try {
            HaproxyTraffic traffic = traffic(haproxy().admin(), second.admin());
            traffic.apply(to("west"), Progress.UNWATCHED);
            assertThat(haproxy().reached()).isEqualTo("west");
            assertThat(second.reached()).isEqualTo("west");
            second.ask("set server db/east1 state ready");
            assertThat(traffic.observe().agreed()).isEmpty();
            Verification differs = traffic.verify(to("west"), Instant.now(), Progress.UNWATCHED);
            assertThat(differs.missing()).hasSize(1);
            assertThat(differs.missing().get(0).message()).contains("two/admin");
            second.close();
            assertThat(traffic.check(to("east")).possible()).isTrue();
            assertThat(traffic.check(to("east")).warnings())
                    .extracting(Fault::code)
                    .containsExactly("TRAFFIC_UNREACHABLE");
            Outcome outcome = traffic.apply(to("east"), Progress.UNWATCHED);
            assertThat(outcome.effect()).isEqualTo(Outcome.Effect.PARTIAL);
            assertThat(outcome.results())
                    .extracting(Outcome.Result::effect)
                    .containsExactly(Outcome.Effect.CHANGED, Outcome.Effect.NOT_DONE);
            assertThat(haproxy().reached()).isEqualTo("east");
            assertThat(traffic.verify(to("east"), Instant.now(), Progress.UNWATCHED)
                            .standing())
                    .isEqualTo(Verification.Standing.NOT_YET);
        } finally {
            second.close();
        }
        haproxy().close();
        refused("TRAFFIC_UNREACHABLE", traffic(haproxy().admin()), to("west"));
        assertThat(traffic(haproxy().admin()).check(to("west")).possible()).isFalse();
    }

    @Test
    @DisplayName("Without the right, and with names that HAProxy does not have, nothing is touched")
    void refusals() throws IOException {
        refused("TRAFFIC_DENIED", traffic(haproxy().operator()), to("west"));
        assertThat(traffic(haproxy().operator()).check(to("west")).refusals())
                .extracting(Fault::code)
                .containsExactly("TRAFFIC_DENIED");
        refused("TRAFFIC_DENIED", traffic(haproxy().admin(), haproxy().operator()), to("west"));
        refused("TRAFFIC_PLACE_UNKNOWN", driver(List.of(haproxy().admin()), "web", SITES), to("west"));
        Map<String, List<String>> misspelt = Map.of("east", List.of("east1"), "west", List.of("west2"));
        refused("TRAFFIC_PLACE_UNKNOWN", driver(List.of(haproxy().admin()), "db", misspelt), to("west"));
        refused("TRAFFIC_SITE_UNKNOWN", traffic(haproxy().admin()), to("north"));
        assertThat(haproxy().reached()).isEqualTo("east");
        assertThatThrownBy(() -> new HaproxySettings(
                        List.of("unix:/s"), "db", Map.of("a", List.of("x; disable server y")), Duration.ofSeconds(1)))
                .isInstanceOf(TrafficException.class);
    }

    @Test
    @DisplayName("A server of no site that gets traffic is seen and keeps a switch from being called done")
    void strangers() throws IOException {
        try (NamedServer north = new NamedServer("north");
                LoadBalancer other = new LoadBalancer(
                        folder.resolve("other"),
                        Objects.requireNonNull(east),
                        Objects.requireNonNull(west),
                        "  server north1 127.0.0.1:" + north.port())) {
            HaproxyTraffic traffic = traffic(other.admin());
            assertThat(traffic.observe().agreed()).isEmpty();
            refused("TRAFFIC_CHANGED", traffic, to("west"));
        }
    }

    @Test
    @DisplayName("A site whose servers fail their checks is down, and a switch to it is not proven")
    void down() throws IOException {
        NamedServer dead = new NamedServer("dead");
        dead.close();
        try (LoadBalancer other = new LoadBalancer(
                folder.resolve("checked"),
                Objects.requireNonNull(east),
                dead,
                "  default-server check inter 50ms fastinter 50ms rise 1 fall 2\n  server west2 127.0.0.1:"
                        + dead.port() + " disabled")) {
            HaproxyTraffic checkedOnly = driver(
                    List.of(other.admin()), "db", Map.of("east", List.of("east1", "west1"), "west", List.of("west2")));
            assertThat(checkedOnly.observe().agreed()).contains(Shares.only("east"));
            checkedOnly.apply(to("west"), Progress.UNWATCHED);
            Verification proof = checkedOnly.verify(to("west"), Instant.now().plusMillis(500), Progress.UNWATCHED);
            assertThat(proof.standing()).isEqualTo(Verification.Standing.NOT_YET);
            assertThat(proof.missing().get(0).message()).contains("west2 ");
        }
    }

    @Test
    @DisplayName("A lost answer is an unknown outcome, which a look resolves")
    void lost() throws Exception {
        try (ServerSocket network = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<String> commands = new ArrayList<>();
            Thread thread = new Thread(() -> forget(network, commands));
            thread.setDaemon(true);
            thread.start();
            HaproxyTraffic traffic = traffic("tcp:127.0.0.1:" + network.getLocalPort());
            Outcome outcome = traffic.apply(to("west"), Progress.UNWATCHED);
            assertThat(outcome.effect()).isEqualTo(Outcome.Effect.UNKNOWN);
            assertThat(commands).contains("set server db/east1 state maint");
            assertThat(traffic.observe().agreed()).contains(Shares.NOBODY);
            assertThat(haproxy().reached()).isEmpty();
            assertThat(traffic(haproxy().admin())
                            .apply(to("west"), Progress.UNWATCHED)
                            .effect())
                    .isEqualTo(Outcome.Effect.CHANGED);
            assertThat(haproxy().reached()).isEqualTo("west");
        }
    }

    /** Passes commands on, and loses what is said to those that change something. */
    private void forget(ServerSocket network, List<String> commands) {
        while (!network.isClosed()) {
            try (Socket client = network.accept()) {
                String command = new java.io.BufferedReader(new java.io.InputStreamReader(
                                client.getInputStream(), java.nio.charset.StandardCharsets.US_ASCII))
                        .readLine();
                String answer = haproxy().ask(command);
                commands.add(command);
                if (!command.contains(" state ")) {
                    client.getOutputStream()
                            .write((answer + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                // Closed, or the client is gone.
            }
        }
    }

    private static void refused(String code, HaproxyTraffic traffic, Desired desired) {
        assertThatThrownBy(() -> traffic.apply(desired, Progress.UNWATCHED))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private LoadBalancer haproxy() {
        return Objects.requireNonNull(haproxy);
    }

    private static Desired to(String site) {
        return Desired.of(Shares.only(site), "run/switch");
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(30);
    }

    private static HaproxyTraffic traffic(String... runtimes) {
        return driver(List.of(runtimes), "db", SITES);
    }

    private static HaproxyTraffic driver(List<String> runtimes, String backend, Map<String, List<String>> sites) {
        return new HaproxyTraffic(new HaproxySettings(runtimes, backend, sites, Duration.ofSeconds(5)), PATIENCE);
    }
}
