package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.SiteTraffic;
import dev.muster.drivers.traffic.TrafficException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One HAProxy, and what it does with the backend. */
final class Haproxy {
    private final RuntimeApi api;
    private final HaproxySettings settings;
    private final Clock clock;

    Haproxy(RuntimeApi api, HaproxySettings settings, Clock clock) {
        this.api = api;
        this.settings = settings;
        this.clock = clock;
    }

    String name() {
        return api.name();
    }

    /** @throws TrafficException if it is away, or has not all of the servers */
    Answer.Shown shown() {
        Map<String, ServerStatus> servers = servers();
        Map<String, Long> weights = new HashMap<>();
        settings.servers()
                .forEach((site, names) -> weights.put(
                        site,
                        names.stream()
                                .mapToLong(name -> known(servers, name).effectiveWeight())
                                .sum()));
        Shares shares = Shares.ofWeights(weights);
        TreeMap<String, SiteTraffic> sites = new TreeMap<>();
        StringBuilder detail = new StringBuilder();
        new TreeMap<>(settings.servers()).forEach((site, names) -> {
            List<ServerStatus> mine =
                    names.stream().map(name -> known(servers, name)).toList();
            sites.put(site, traffic(shares.of(site), mine));
            mine.forEach(server -> detail.append(detail.isEmpty() ? "" : ", ")
                    .append(server.name())
                    .append(' ')
                    .append(server.status())
                    .append(" weight ")
                    .append(server.weight()));
        });
        return new Answer.Shown(sites, strangers(servers), Duration.ZERO, detail.toString());
    }

    /** Servers of the backend that no site has and that get traffic. */
    private List<String> strangers(Map<String, ServerStatus> servers) {
        List<String> ours =
                settings.servers().values().stream().flatMap(List::stream).toList();
        return servers.values().stream()
                .filter(server -> !ours.contains(server.name()) && server.effectiveWeight() > 0)
                .map(server -> server.name() + " " + server.status())
                .toList();
    }

    private SiteTraffic traffic(int share, List<ServerStatus> servers) {
        List<SiteTraffic.State> states =
                servers.stream().map(ServerStatus::state).distinct().sorted().toList();
        // Enum order: one server that serves is enough.
        SiteTraffic.State state = states.get(0);
        long sessions = servers.stream().mapToLong(ServerStatus::sessions).sum();
        Instant since = clock.instant()
                .minusSeconds(servers.stream()
                        .map(ServerStatus::sinceSeconds)
                        .min(Comparator.naturalOrder())
                        .orElse(0L));
        return new SiteTraffic(share, state, Optional.of(sessions), Optional.of(since));
    }

    private ServerStatus known(Map<String, ServerStatus> servers, String name) {
        ServerStatus server = servers.get(name);
        if (server == null) {
            throw new TrafficException(
                    "TRAFFIC_PLACE_UNKNOWN",
                    "The HAProxy at " + api.name() + " has no server " + settings.backend() + "/" + name,
                    "Compare the endpoint's description with HAProxy's configuration.");
        }
        return server;
    }

    /** All servers of the backend. */
    List<ServerStatus> statuses() {
        return List.copyOf(servers().values());
    }

    private Map<String, ServerStatus> servers() {
        // Type 4 is servers.
        String table = ask("show stat " + settings.backend() + " 4 -1");
        if (table.startsWith("No such proxy")) {
            throw new TrafficException(
                    "TRAFFIC_PLACE_UNKNOWN",
                    "The HAProxy at " + api.name() + " has no backend '" + settings.backend() + "'",
                    "Compare the endpoint's description with HAProxy's configuration.");
        }
        try {
            Map<String, ServerStatus> servers = new TreeMap<>();
            ServerStatus.parse(table, settings.backend()).forEach(server -> servers.put(server.name(), server));
            return servers;
        } catch (IllegalArgumentException e) {
            throw new TrafficException(
                    "TRAFFIC_ANSWER_INVALID",
                    "What answers at " + api.name() + " is no HAProxy's runtime API: " + e.getMessage(),
                    "Is the address right, and is its level at least user?",
                    e);
        }
    }

    /** Only asks: without the right, HAProxy says so before it looks for what is missing in the command. */
    void requireMayChange() {
        String server = settings.servers().values().iterator().next().get(0);
        refuse(ask("set server " + settings.backend() + "/" + server), "usage:");
    }

    /**
     * @throws RuntimeApi.NoAnswerException if it may have been carried out
     * @throws TrafficException if it was not
     */
    void change(String server, String what) throws RuntimeApi.NoAnswerException {
        refuse(askOnce("set server " + settings.backend() + "/" + server + " " + what), "");
    }

    void closeSessions(String server) throws RuntimeApi.NoAnswerException {
        refuse(askOnce("shutdown sessions server " + settings.backend() + "/" + server), "");
    }

    private void refuse(String answer, String expected) {
        if (expected.isEmpty() ? answer.isEmpty() : answer.startsWith(expected)) {
            return;
        }
        if (answer.startsWith("Permission denied")) {
            throw new TrafficException(
                    "TRAFFIC_DENIED",
                    "The runtime API at " + api.name() + " may not change servers",
                    "Its line in HAProxy's configuration needs 'level admin'.");
        }
        throw new TrafficException(
                "TRAFFIC_REFUSED",
                "The HAProxy at " + api.name() + " says: "
                        + answer.lines().findFirst().orElse(""),
                "Compare the endpoint's description with HAProxy's configuration and version.");
    }

    private String askOnce(String command) throws RuntimeApi.NoAnswerException {
        try {
            return api.ask(command);
        } catch (RuntimeApi.NoAnswerException e) {
            throw e;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private String ask(String command) {
        try {
            return api.ask(command);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private TrafficException unreachable(IOException e) {
        return new TrafficException(
                "TRAFFIC_UNREACHABLE",
                "The HAProxy at " + api.name() + " cannot be asked: " + e.getMessage(),
                "Does it run, and may this process reach its runtime API?",
                e);
    }
}
