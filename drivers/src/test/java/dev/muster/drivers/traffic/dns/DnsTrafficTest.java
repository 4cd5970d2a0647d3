package dev.muster.drivers.traffic.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Place;
import dev.muster.drivers.traffic.Preparation;
import dev.muster.drivers.traffic.Programs;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Secret;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against two of BIND's named: a primary that takes signed updates, and its secondary. */
class DnsTrafficTest {
    private static final List<String> EASTERN = List.of("192.0.2.1", "2001:db8::1");
    private static final Map<String, List<String>> SITES = Map.of("east", EASTERN, "west", List.of("192.0.2.2"));
    private static final String EAST = " 300 IN A 192.0.2.1\n%1$s 300 IN AAAA 2001:db8::1\n";
    private static final List<String> NAMES = List.of(
            "switch", "twice", "ttl", "alien", "race", "bad", "refused", "lost", "gone", "cached", "plan", "touch");
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(50));

    @TempDir
    static Path folder;

    private static @Nullable NameServer primary;
    private static @Nullable NameServer secondary;

    @BeforeAll
    static void start() throws IOException {
        int first = Programs.freePort();
        int second = Programs.freePort();
        primary = NameServer.primary(folder.resolve("primary"), first, second, true, zone());
        secondary = NameServer.secondary(folder.resolve("secondary"), second, first);
    }

    private static String zone() {
        StringBuilder records = new StringBuilder("""
                short 2 IN A 192.0.2.1
                short 2 IN AAAA 2001:db8::1
                brief 2 IN A 192.0.2.1
                brief 2 IN AAAA 2001:db8::1
                """);
        NAMES.forEach(name -> records.append((name + EAST).formatted(name)));
        return records.toString();
    }

    @AfterAll
    static void end() {
        for (NameServer server : new @Nullable NameServer[] {primary, secondary}) {
            if (server != null) {
                server.close();
            }
        }
    }

    @Test
    @DisplayName("A switch is proven at every server of the zone, and says until when caches may give the old answer")
    void switched() {
        DnsTraffic traffic = traffic("switch");
        Observation before = traffic.observe();
        assertThat(before.agreed()).contains(Shares.only("east"));
        assertThat(before.ttl()).isEqualTo(Duration.ofMinutes(5));
        assertThat(before.places()).extracting(Place::name).containsExactly("ns1.example.test", "ns2.example.test");

        Desired desired = to("west").from(before.before().orElseThrow());
        assertThat(traffic.check(desired).possible()).isTrue();
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        Instant asked = Instant.now();
        Verification proof = traffic.verify(desired, soon(), Progress.UNWATCHED);
        assertThat(proof.standing()).as("%s", proof).isEqualTo(Verification.Standing.PROVEN);
        assertThat(proof.oldAnswersUntil().orElseThrow()).isBetween(asked.plusSeconds(300), asked.plusSeconds(330));
        assertThat(traffic.observe().agreed()).contains(Shares.only("west"));

        Desired back = to("east").from(traffic.observe().before().orElseThrow());
        assertThat(traffic.apply(back, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(traffic.verify(back, soon(), Progress.UNWATCHED).standing()).isEqualTo(Verification.Standing.PROVEN);
    }

    @Test
    @DisplayName("Asked for twice, the second change changes nothing")
    void twice() {
        DnsTraffic traffic = traffic("twice");
        traffic.apply(to("west"), Progress.UNWATCHED);
        long serial = servers("twice").serial(primary().address());
        assertThat(traffic.apply(to("west"), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
        assertThat(servers("twice").serial(primary().address())).isEqualTo(serial);
    }

    @Test
    @DisplayName("The check tries the key and changes nothing")
    void checked() {
        long serial = servers("touch").serial(primary().address());
        assertThat(traffic("touch").check(to("west")).refusals()).isEmpty();
        assertThat(traffic("touch", NameServer.POWERLESS).check(to("west")).refusals())
                .extracting(Fault::code)
                .containsExactly("TRAFFIC_DENIED");
        assertThat(traffic("touch").observe().agreed()).contains(Shares.only("east"));
        assertThat(servers("touch").serial(primary().address())).isEqualTo(serial);
    }

    @Test
    @DisplayName("A preparation shortens the TTL at every server, and says when the last long-lived answer ends")
    void prepared() {
        DnsTraffic traffic = traffic("ttl");
        Instant asked = Instant.now();
        Preparation preparation = traffic.prepare(Progress.UNWATCHED);
        assertThat(preparation.outcome().effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(preparation.effectiveFrom().orElseThrow()).isAfterOrEqualTo(asked.plusSeconds(300));
        assertThat(traffic.observe().ttl()).isEqualTo(Duration.ofSeconds(5));
        assertThat(traffic.observe().agreed()).contains(Shares.only("east"));
        assertThat(traffic.prepare(Progress.UNWATCHED).outcome().effect()).isEqualTo(Outcome.Effect.ALREADY);

        assertThat(traffic.settle(Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(servers("ttl").held(primary().address()).sets().ttl()).isEqualTo(300);
        assertThat(traffic.settle(Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
    }

    @Test
    @DisplayName("A preparation does not lengthen a TTL that is shorter already")
    void shorter() {
        DnsTraffic traffic = traffic("short");
        assertThat(traffic.prepare(Progress.UNWATCHED).outcome().effect()).isEqualTo(Outcome.Effect.ALREADY);
        assertThat(servers("short").held(primary().address()).sets().ttl()).isEqualTo(2);
    }

    @Test
    @DisplayName("What somebody else put there is neither overwritten nor taken for a site")
    void alien() {
        DnsTraffic other = new DnsTraffic(
                settings("alien", Map.of("east", EASTERN, "elsewhere", List.of("198.51.100.7"))), PATIENCE);
        other.apply(to("elsewhere"), Progress.UNWATCHED);
        DnsTraffic traffic = traffic("alien");
        assertThat(traffic.observe().agreed()).isEmpty();
        assertThat(traffic.check(to("west")).refusals()).extracting(Fault::code).containsExactly("TRAFFIC_CHANGED");
        refused("TRAFFIC_CHANGED", traffic, to("west"));
        assertThat(other.observe().places().get(0).shown().orElseThrow().shares())
                .isEqualTo(Shares.only("elsewhere"));
    }

    @Test
    @DisplayName("A change that was planned on another state is refused, and nothing is changed")
    void planned() {
        DnsTraffic traffic = traffic("plan");
        Desired desired = to("west").from(new dev.muster.drivers.traffic.Before(Shares.NOBODY, Duration.ofMinutes(5)));
        refused("TRAFFIC_CHANGED", traffic, desired);
        assertThat(traffic.observe().places().get(0).shown().orElseThrow().shares())
                .isEqualTo(Shares.only("east"));
    }

    @Test
    @DisplayName("A change that somebody makes between the look and the update is not overwritten")
    void race() {
        DnsUpdate update = new DnsUpdate(settings("race", SITES), Clock.systemUTC());
        RecordSets seen = servers("race").held(primary().address()).sets();
        traffic("race").apply(to("west"), Progress.UNWATCHED);
        assertThatThrownBy(() -> update.replace(
                        seen, RecordSets.of(DnsNames.of("race.example.test"), List.of("198.51.100.9"), 5)))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_CHANGED"));
        assertThat(servers("race").held(primary().address()).sets().texts()).containsExactly("A 192.0.2.2");
    }

    @Test
    @DisplayName("A key that is unknown, wrong or without the right is told as such")
    void keys() {
        TsigKey unknown = new TsigKey("nobody", "hmac-sha256", new Secret(new byte[32]));
        TsigKey wrong = new TsigKey("muster", "hmac-sha256", new Secret(new byte[32]));
        refused("TRAFFIC_DENIED", traffic("bad", unknown), to("west"));
        refused("TRAFFIC_DENIED", traffic("bad", wrong), to("west"));
        refused("TRAFFIC_DENIED", traffic("refused", NameServer.POWERLESS), to("west"));
        assertThat(wrong.toString()).contains("(secret)");
        assertThat(traffic("bad")
                        .observe()
                        .places()
                        .get(0)
                        .shown()
                        .orElseThrow()
                        .shares())
                .isEqualTo(Shares.only("east"));
    }

    @Test
    @DisplayName("A clock that is off is told as such, and nothing is changed")
    void clock() {
        Patience late = new Patience(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)), Duration.ofMillis(50));
        refused("TRAFFIC_CLOCK_OFF", new DnsTraffic(settings("bad", SITES), late), to("west"));
        assertThat(traffic("bad").observe().agreed()).contains(Shares.only("east"));
    }

    @Test
    @DisplayName("A zone that the server does not have, and a server that is away, are told apart")
    void away() {
        DnsTraffic otherZone = new DnsTraffic(
                DnsSettings.of("other.test", "app.other.test", SITES, primary().address(), NameServer.KEY), PATIENCE);
        assertThat(otherZone.check(to("west")).refusals())
                .extracting(Fault::code)
                .containsAnyOf("TRAFFIC_PLACE_UNKNOWN", "TRAFFIC_DENIED");
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), Programs.freePort());
        DnsTraffic silent = new DnsTraffic(
                DnsSettings.of(NameServer.ZONE, "gone.example.test", SITES, nobody, NameServer.KEY), PATIENCE);
        refused("TRAFFIC_UNREACHABLE", silent, to("west"));
        assertThat(silent.observe().places().get(0).fault().orElseThrow().code())
                .isEqualTo("TRAFFIC_UNREACHABLE");
    }

    @Test
    @DisplayName(
            "A lost answer is an unknown outcome, over TCP and UDP, which a look resolves and a repeat does not harm")
    void lost() throws IOException {
        for (DnsSettings.Transport transport : DnsSettings.Transport.values()) {
            String site = transport == DnsSettings.Transport.TCP ? "west" : "east";
            try (ForgetfulNetwork network = new ForgetfulNetwork(primary().address())) {
                DnsTraffic traffic = new DnsTraffic(
                        adjusted(settings("lost", SITES), network.address(), transport, List.of()), PATIENCE);
                network.loseAnswersToUpdates(1);
                Outcome outcome = traffic.apply(to(site), Progress.UNWATCHED);
                assertThat(outcome.effect()).isEqualTo(Outcome.Effect.UNKNOWN);
                assertThat(outcome.results().get(0).fault().orElseThrow().code())
                        .isEqualTo("TRAFFIC_OUTCOME_UNKNOWN");
                assertThat(traffic.observe()
                                .places()
                                .get(0)
                                .shown()
                                .orElseThrow()
                                .shares())
                        .isEqualTo(Shares.only(site));
                assertThat(traffic.apply(to(site), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
            }
        }
    }

    @Test
    @DisplayName("A resolver that still has the old answer is waited for")
    void cached() throws IOException {
        try (NameServer resolver = NameServer.resolver(
                folder.resolve("resolver"),
                Programs.freePort(),
                primary().address().getPort())) {
            DnsTraffic traffic = new DnsTraffic(
                    adjusted(
                            settings("brief", SITES),
                            primary().address(),
                            DnsSettings.Transport.TCP,
                            List.of(resolver.address())),
                    PATIENCE);
            assertThat(traffic.observe().agreed()).contains(Shares.only("east"));
            traffic.apply(to("west"), Progress.UNWATCHED);
            Verification soon = traffic.verify(to("west"), Instant.now().plusMillis(200), Progress.UNWATCHED);
            assertThat(soon.standing()).isEqualTo(Verification.Standing.NOT_YET);
            assertThat(soon.missing()).anyMatch(fault -> fault.message().startsWith("resolver "));
            assertThat(traffic.verify(to("west"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
        }
    }

    @Test
    @DisplayName("A secondary that does not get the zone keeps a switch unproven, and is named with its serial")
    void secondaryBehind() throws IOException {
        int first = Programs.freePort();
        int second = Programs.freePort();
        try (NameServer mute = NameServer.primary(folder.resolve("mute"), first, second, false, zone());
                NameServer behind = NameServer.secondary(folder.resolve("behind"), second, first)) {
            DnsSettings settings = settings("switch", SITES);
            DnsTraffic traffic = new DnsTraffic(
                    new DnsSettings(
                            settings.zone(),
                            settings.record(),
                            SITES,
                            mute.address(),
                            settings.key(),
                            settings.transport(),
                            Map.of("ns1.example.test", mute.address(), "ns2.example.test", behind.address()),
                            List.of(),
                            settings.ttl(),
                            settings.switchTtl(),
                            settings.timeout(),
                            Duration.ofMillis(300)),
                    PATIENCE);
            assertThat(traffic.prepare(Progress.UNWATCHED).effectiveFrom()).isEmpty();
            traffic.apply(to("west"), Progress.UNWATCHED);
            Verification early = traffic.verify(to("west"), Instant.now().plusMillis(300), Progress.UNWATCHED);
            assertThat(early.standing()).isEqualTo(Verification.Standing.NOT_YET);
            assertThat(early.oldAnswersUntil()).isEmpty();
            assertThat(early.missing()).hasSize(1);
            assertThat(early.missing().get(0).message())
                    .contains("ns2.example.test")
                    .contains("serial 1");
            behind.restart();
            assertThat(traffic.verify(to("west"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
            behind.close();
            Verification one = traffic.verify(to("west"), Instant.now(), Progress.UNWATCHED);
            assertThat(one.standing()).isEqualTo(Verification.Standing.NOT_YET);
            assertThat(one.missing()).extracting(Fault::code).containsExactly("TRAFFIC_UNREACHABLE");
        }
    }

    @Test
    @DisplayName("A hidden primary that is lost after the switch does not keep it from being proven")
    void hiddenPrimary() throws IOException {
        int first = Programs.freePort();
        int second = Programs.freePort();
        try (NameServer hidden = NameServer.primary(folder.resolve("hidden"), first, second, true, zone());
                NameServer open = NameServer.secondary(folder.resolve("open"), second, first)) {
            DnsSettings settings = settings("switch", SITES);
            DnsTraffic traffic = new DnsTraffic(
                    new DnsSettings(
                            settings.zone(),
                            settings.record(),
                            SITES,
                            hidden.address(),
                            settings.key(),
                            settings.transport(),
                            Map.of("ns1.example.test", open.address(), "ns2.example.test", open.address()),
                            List.of(),
                            settings.ttl(),
                            settings.switchTtl(),
                            settings.timeout(),
                            settings.propagation()),
                    PATIENCE);
            traffic.apply(to("west"), Progress.UNWATCHED);
            assertThat(traffic.verify(to("west"), soon(), Progress.UNWATCHED).standing())
                    .isEqualTo(Verification.Standing.PROVEN);
            hidden.close();
            assertThat(traffic.verify(to("west"), Instant.now(), Progress.UNWATCHED)
                            .standing())
                    .isEqualTo(Verification.Standing.PROVEN);
            refused("TRAFFIC_UNREACHABLE", traffic, to("east"));
        }
    }

    @Test
    @DisplayName("Shares that a name cannot give are refused before anything is asked")
    void shares() {
        refused(
                "TRAFFIC_SHARES_UNSUPPORTED",
                traffic("gone"),
                Desired.of(new Shares(Map.of("east", 90, "west", 10)), "t"));
        refused("TRAFFIC_SHARES_UNSUPPORTED", traffic("gone"), Desired.of(Shares.NOBODY, "t"));
        refused("TRAFFIC_SITE_UNKNOWN", traffic("gone"), to("north"));
    }

    @Test
    @DisplayName("An alias is switched like addresses are")
    void alias() {
        DnsTraffic traffic = new DnsTraffic(
                settings("gone", Map.of("east", EASTERN, "cloud", List.of("lb.example.net."))), PATIENCE);
        traffic.apply(to("cloud"), Progress.UNWATCHED);
        assertThat(traffic.verify(to("cloud"), soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.PROVEN);
        traffic.apply(to("east"), Progress.UNWATCHED);
        assertThat(traffic.verify(to("east"), soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.PROVEN);
    }

    private static void refused(String code, DnsTraffic traffic, Desired desired) {
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

    private static DnsTraffic traffic(String name) {
        return new DnsTraffic(settings(name, SITES), PATIENCE);
    }

    private static DnsTraffic traffic(String name, TsigKey key) {
        DnsSettings settings = settings(name, SITES);
        return new DnsTraffic(
                new DnsSettings(
                        settings.zone(),
                        settings.record(),
                        settings.values(),
                        settings.primary(),
                        key,
                        settings.transport(),
                        settings.addresses(),
                        settings.resolvers(),
                        settings.ttl(),
                        settings.switchTtl(),
                        settings.timeout(),
                        settings.propagation()),
                PATIENCE);
    }

    private static DnsSettings settings(String name, Map<String, List<String>> sites) {
        return new DnsSettings(
                NameServer.ZONE,
                name + ".example.test",
                sites,
                primary().address(),
                NameServer.KEY,
                DnsSettings.Transport.TCP,
                Map.of(
                        "ns1.example.test",
                        primary().address(),
                        "ns2.example.test",
                        secondary().address()),
                List.of(),
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(20));
    }

    private static DnsSettings adjusted(
            DnsSettings settings,
            InetSocketAddress primary,
            DnsSettings.Transport transport,
            List<InetSocketAddress> resolvers) {
        return new DnsSettings(
                settings.zone(),
                settings.record(),
                settings.values(),
                primary,
                settings.key(),
                transport,
                settings.addresses(),
                resolvers,
                settings.ttl(),
                settings.switchTtl(),
                settings.timeout(),
                settings.propagation());
    }

    private static ZoneServers servers(String name) {
        return new ZoneServers(settings(name, SITES));
    }

    private static NameServer primary() {
        return java.util.Objects.requireNonNull(primary);
    }

    private static NameServer secondary() {
        return java.util.Objects.requireNonNull(secondary);
    }
}
