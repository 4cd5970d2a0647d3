package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.SiteTraffic;
import dev.muster.drivers.traffic.TrafficException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A change on its way through one HAProxy, which goes no further here once a command failed. */
final class HaproxyChange {
    private final Haproxy haproxy;
    private final Assignment wanted;
    private Optional<Outcome.Result> failure = Optional.empty();
    private boolean touched;
    private boolean already;
    private boolean looked;
    private long connectionsLeft;

    /** One stage of it. */
    @FunctionalInterface
    interface Stage {
        void run() throws RuntimeApi.NoAnswerException;
    }

    HaproxyChange(Haproxy haproxy, Assignment wanted) {
        this.haproxy = haproxy;
        this.wanted = wanted;
    }

    private String place() {
        return "HAProxy " + haproxy.name();
    }

    void failed(Fault fault) {
        failure = Optional.of(Outcome.Result.notDone(place(), fault));
    }

    void run(Stage stage) {
        if (failure.isPresent()) {
            return;
        }
        try {
            if (!looked) {
                looked = true;
                already = wanted.fulfilledBy(haproxy.shown(), haproxy.statuses());
            }
            stage.run();
        } catch (RuntimeApi.NoAnswerException e) {
            failure = Optional.of(Outcome.Result.unknown(place(), String.valueOf(e.getMessage())));
        } catch (TrafficException e) {
            // Some commands were carried out before this one failed.
            failed(e.fault());
        }
    }

    /** @param gently connections under way go on */
    void stop(boolean gently) throws RuntimeApi.NoAnswerException {
        if (already) {
            return;
        }
        for (ServerStatus server : haproxy.statuses()) {
            boolean stops = wanted.stopped().contains(server.name())
                    && server.state() != SiteTraffic.State.OFF
                    && !(gently && server.state() == SiteTraffic.State.DRAINING);
            if (stops) {
                change(server.name(), gently ? "state drain" : "state maint");
            }
        }
    }

    void closeSessions() throws RuntimeApi.NoAnswerException {
        for (ServerStatus server : stoppedServers()) {
            if (server.sessions() > 0) {
                touched = true;
                haproxy.closeSessions(server.name());
            }
        }
    }

    /** Weights first, so that a server gets its share with its first connection. */
    void open() throws RuntimeApi.NoAnswerException {
        if (already) {
            return;
        }
        for (Map.Entry<String, Integer> server : wanted.weights().entrySet()) {
            change(server.getKey(), "weight " + server.getValue());
        }
        for (String server : wanted.weights().keySet()) {
            change(server, "state ready");
        }
    }

    private void change(String server, String what) throws RuntimeApi.NoAnswerException {
        haproxy.change(server, what);
        touched = true;
    }

    void countConnections() {
        connectionsLeft =
                stoppedServers().stream().mapToLong(ServerStatus::sessions).sum();
    }

    private List<ServerStatus> stoppedServers() {
        return haproxy.statuses().stream()
                .filter(server -> wanted.stopped().contains(server.name()))
                .toList();
    }

    /** Of one that failed none are counted: it is not waited for. */
    long connectionsLeft() {
        return failure.isPresent() ? 0 : connectionsLeft;
    }

    boolean touched() {
        return touched;
    }

    Outcome.Result result() {
        return failure.orElseGet(() -> new Outcome.Result(
                place(),
                already ? Outcome.Effect.ALREADY : Outcome.Effect.CHANGED,
                Optional.empty(),
                Optional.of(connectionsLeft),
                ""));
    }
}
