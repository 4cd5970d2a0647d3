package dev.muster.worker;

import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import dev.muster.runbooks.SystemDescription;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Receives one database's WAL for as long as the worker lives, whatever becomes of Temporal. */
final class WalService implements AutoCloseable {
    private final WalReceiver receiver;
    private final WalPressureWatch pressure;

    private WalService(WalReceiver receiver, WalPressureWatch pressure) {
        this.receiver = receiver;
        this.pressure = pressure;
    }

    /** Starts; a database or store that is away is waited for by the receiver itself. */
    static WalService start(ProtectedDatabase database, Repository repository, MeterRegistry metrics, Clock clock) {
        SystemDescription.Connection live = database.description().connection();
        ServerAddress address = ServerAddress.trusted(live.host(), live.port(), live.user())
                .withPassword(database::password)
                .withTls(
                        isLoopback(live.host()) ? ServerAddress.Tls.DISABLE : ServerAddress.Tls.REQUIRE,
                        Optional.empty());
        WalReceiver receiver = new WalReceiver(
                address,
                repository,
                database.source(),
                WalReceiver.Settings.defaults(database.description().replicationSlot()),
                clock);
        Tags of = Tags.of(
                "system",
                database.system().name(),
                "database",
                database.description().name());
        show(receiver, of, metrics, clock);
        receiver.start();
        return new WalService(receiver, WalPressureWatch.start(database, metrics, of));
    }

    /** What an alarm is set on: whether WAL comes, how much of it is not safe yet, and since when nothing was heard. */
    private static void show(WalReceiver receiver, Tags of, MeterRegistry metrics, Clock clock) {
        for (WalReceiver.State state : WalReceiver.State.values()) {
            Gauge.builder("muster.wal.state", receiver, asked -> asked.status().state() == state ? 1 : 0)
                    .description("1 for the state that receiving WAL is in")
                    .tags(of.and("state", state.name()))
                    .register(metrics);
        }
        Gauge.builder("muster.wal.lag.bytes", receiver, asked -> asked.status().lagBytes())
                .description("WAL that the server has and the store has not")
                .tags(of)
                .register(metrics);
        Gauge.builder(
                        "muster.wal.lag.seconds",
                        receiver,
                        asked -> asked.status().lag(clock.instant()).toMillis() / 1000.0)
                .description("Age of the oldest WAL that the server has and the store has not")
                .tags(of)
                .register(metrics);
        Gauge.builder("muster.wal.silence.seconds", receiver, asked -> silence(asked, clock))
                .description("Since the server was last heard; NaN before the first time")
                .tags(of)
                .register(metrics);
    }

    private static double silence(WalReceiver receiver, Clock clock) {
        return receiver.status()
                .lastContact()
                .map(last -> Math.max(0, Duration.between(last, clock.instant()).toMillis() / 1000.0))
                .orElse(Double.NaN);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Not known now: the receiver will say so when it connects. Until then, the safe side.
            return false;
        }
    }

    @Override
    public void close() {
        pressure.close();
        receiver.close();
    }
}
