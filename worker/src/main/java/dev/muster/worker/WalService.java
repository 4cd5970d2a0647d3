package dev.muster.worker;

import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import dev.muster.runbooks.SystemDescription;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Receives one database's WAL for as long as the worker lives, whatever becomes of Temporal. */
final class WalService implements SlotLoss.Receiving, PatientStart.Service {
    private static final Logger log = LoggerFactory.getLogger(WalService.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final Function<Boolean, WalReceiver> receivers;
    private final ScheduledExecutorService timer;
    private volatile WalReceiver receiver;
    private volatile boolean acceptsGaps;
    private volatile Optional<WalPressureWatch> pressure = Optional.empty();
    private boolean closed;

    private WalService(Function<Boolean, WalReceiver> receivers, String source) {
        this.receivers = receivers;
        this.receiver = receivers.apply(false);
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "slot-loss-" + source);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts; a database or store that is away is waited for by the receiver itself.
     *
     * @param state the folder for what must survive the process
     * @param backup how a full backup is asked for when the server has lost WAL
     */
    static WalService start(
            ProtectedDatabase database,
            Repository repository,
            Path state,
            SlotLoss.NewBackup backup,
            MeterRegistry metrics,
            Clock clock) {
        SystemDescription.Connection live = database.description().connection();
        ServerAddress address = ServerAddress.trusted(live.host(), live.port(), live.user())
                .withPassword(database::password)
                .withTls(
                        isLoopback(live.host()) ? ServerAddress.Tls.DISABLE : ServerAddress.Tls.REQUIRE,
                        Optional.empty());
        WalReceiver.Settings usual =
                WalReceiver.Settings.defaults(database.description().replicationSlot());
        WalService service = new WalService(
                acceptGaps ->
                        new WalReceiver(address, repository, database.source(), accepting(usual, acceptGaps), clock),
                database.source());
        Tags of = Tags.of(
                "system",
                database.system().name(),
                "database",
                database.description().name());
        show(service, of, metrics, clock);
        service.receiver.start();
        service.pressure = Optional.of(WalPressureWatch.start(database, metrics, of));
        if (database.description().slotLoss() == SystemDescription.OnSlotLoss.NEW_FULL) {
            service.answerLosses(database, state, backup, metrics, of);
        }
        return service;
    }

    private static WalReceiver.Settings accepting(WalReceiver.Settings usual, boolean acceptGaps) {
        return new WalReceiver.Settings(
                usual.slot(),
                usual.flushAge(),
                usual.flushBytes(),
                usual.retryFirst(),
                usual.retryLongest(),
                acceptGaps,
                usual.silence());
    }

    private void answerLosses(
            ProtectedDatabase database, Path state, SlotLoss.NewBackup backup, MeterRegistry metrics, Tags of) {
        Path folder = state.resolve("wal-lost");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + folder, e);
        }
        String name = database.system().name() + "." + database.description().name();
        SlotLoss loss = new SlotLoss(
                name,
                this,
                backup,
                folder.resolve(name),
                Counter.builder("muster.wal.losses")
                        .description("How often the server had lost WAL that the store lacked")
                        .tags(of)
                        .register(metrics));
        // Whatever happens while looking is caught there.
        ScheduledFuture<?> looking =
                timer.scheduleWithFixedDelay(loss::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
        log.debug("Watching for losses of WAL of {}: {}", name, looking);
    }

    @Override
    public WalReceiver.Status status() {
        return receiver.status();
    }

    @Override
    public boolean acceptsGaps() {
        return acceptsGaps;
    }

    @Override
    public synchronized void restart(boolean acceptGaps) {
        if (closed) {
            return;
        }
        receiver.close();
        acceptsGaps = acceptGaps;
        receiver = receivers.apply(acceptGaps);
        receiver.start();
    }

    /** What an alarm is set on: whether WAL comes, how much of it is not safe yet, and since when nothing was heard. */
    private static void show(WalService receiver, Tags of, MeterRegistry metrics, Clock clock) {
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

    private static double silence(WalService receiver, Clock clock) {
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
    public synchronized void close() {
        closed = true;
        timer.shutdownNow();
        pressure.ifPresent(WalPressureWatch::close);
        receiver.close();
    }
}
