package dev.muster.worker;

import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalPressure;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the room for a database's WAL again and again, and raises an alarm before there is none left. */
final class WalPressureWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WalPressureWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final ProtectedDatabase database;
    private final ScheduledExecutorService timer;
    private volatile Optional<WalPressure> pressure = Optional.empty();
    private volatile Optional<WalPressure.Verdict> verdict = Optional.empty();

    private WalPressureWatch(ProtectedDatabase database) {
        this.database = database;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "wal-pressure-" + database.source());
            thread.setDaemon(true);
            return thread;
        });
    }

    static WalPressureWatch start(ProtectedDatabase database, MeterRegistry metrics, Tags of) {
        WalPressureWatch watch = new WalPressureWatch(database);
        for (WalPressure.Level level : WalPressure.Level.values()) {
            Gauge.builder("muster.wal.pressure", watch, asked -> asked.isAt(level) ? 1 : 0)
                    .description("1 for how urgent it is that WAL takes up the server's disk or the slot's limit;"
                            + " 0 for all while the server does not answer")
                    .tags(of.and("level", level.name()))
                    .register(metrics);
        }
        Gauge.builder("muster.wal.retained.bytes", watch, WalPressureWatch::retained)
                .description("WAL that the server keeps for this slot; NaN while it does not answer")
                .tags(of)
                .register(metrics);
        // Whatever happens while looking is caught there.
        ScheduledFuture<?> looking =
                watch.timer.scheduleWithFixedDelay(watch::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
        log.debug("Watching the room for WAL of {}: {}", database.source(), looking);
        return watch;
    }

    private boolean isAt(WalPressure.Level level) {
        return verdict.map(one -> one.level() == level).orElse(false);
    }

    private double retained() {
        return pressure.flatMap(WalPressure::slot)
                .map(slot -> (double) slot.retainedBytes())
                .orElse(Double.NaN);
    }

    private void look() {
        try (Connection connection = database.connect()) {
            WalPressure now =
                    WalPressure.observe(connection, database.description().replicationSlot(), room());
            pressure = Optional.of(now);
            say(now.verdict());
        } catch (SQLException | PostgresException e) {
            // A server that is down is the receiver's alarm; here it is only unknown.
            pressure = Optional.empty();
            verdict = Optional.empty();
            log.debug("How much WAL {} holds is unknown", database.source(), e);
        } catch (RuntimeException | IOException e) {
            pressure = Optional.empty();
            verdict = Optional.empty();
            log.warn("How much WAL {} holds cannot be told", database.source(), e);
        }
    }

    private OptionalLong room() throws IOException {
        Path wal = database.dataDirectory().resolve("pg_wal");
        return Files.isDirectory(wal)
                ? OptionalLong.of(Files.getFileStore(wal).getUsableSpace())
                : OptionalLong.empty();
    }

    private void say(WalPressure.Verdict now) {
        boolean news = !isAt(now.level());
        verdict = Optional.of(now);
        if (news && now.level() == WalPressure.Level.FINE) {
            log.info("WAL of {}: {}", database.source(), now.why());
        } else if (news) {
            log.warn("WAL of {}: {}: {}", database.source(), now.level(), now.why());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
