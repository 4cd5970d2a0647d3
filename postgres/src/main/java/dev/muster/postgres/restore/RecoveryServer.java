package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A restored copy and its server: configured so that it can do no harm, recovered to a target, kept in recovery there.
 * The server outlives this JVM; a new instance over the same folder adopts it. Everything of the copy is below one
 * folder: {@code data}, {@code spool}, {@code log}.
 */
public final class RecoveryServer implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
    /** As many settings as hot standby compares, each raised at most once or twice. */
    private static final int RAISES = 10;

    private final Installation installation;
    private final Path folder;
    private final WalArchive archive;
    private final Server server;
    private final CopyConfiguration configuration;
    private Optional<WalSpool> spool = Optional.empty();

    /**
     * @param folder of the copy; restore the backup into {@link #dataDirectory}
     * @param archive of the source's WAL
     */
    public RecoveryServer(Installation installation, Path folder, WalArchive archive) {
        this.installation = installation;
        this.folder = folder.toAbsolutePath();
        this.archive = archive;
        this.server = new Server(installation, dataDirectory(this.folder), this.folder.resolve("log"));
        this.configuration = new CopyConfiguration(this.folder);
    }

    /** Where in a copy's folder the data directory is. */
    public static Path dataDirectory(Path folder) {
        return folder.toAbsolutePath().resolve("data");
    }

    /** The token with which the backup of a copy's folder was restored; empty if nothing was restored there. */
    public static Optional<String> owner(Path folder) {
        try {
            return RestoreTarget.token(dataDirectory(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot tell whose copy is in " + folder, e);
        }
    }

    public Path dataDirectory() {
        return server.dataDirectory();
    }

    private Path spoolFolder() {
        return folder.resolve("spool");
    }

    /**
     * Writes all configuration of the copy. Call it after the restore and before the start; again with the same settings
     * it changes nothing that matters, and while the server runs it does nothing.
     *
     * @throws PostgresException RESTORE_INCOMPLETE if the data directory is not a whole restored backup
     */
    public void configure(RecoverySettings settings, BackupSummary backup) {
        try {
            if (!RestoreTarget.isComplete(dataDirectory())) {
                throw new PostgresException(
                        "RESTORE_INCOMPLETE",
                        "There is no whole restored backup in " + dataDirectory(),
                        "Run the restore to its end first, with the same token if it was interrupted.");
            }
            if (server.processId().isEmpty()) {
                configuration.write(settings, backup, spoolFolder(), Map.of());
                installation.own(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot configure the copy in " + folder, e);
        }
    }

    /**
     * Starts to bring WAL and launches the server, or adopts one that runs already. Returns before the copy is
     * consistent.
     */
    public void start() {
        if (spool.isEmpty()) {
            spool = Optional.of(WalSpool.start(
                    spoolFolder(), archive.along(configuration.facts().timeline()), installation::own));
        }
        server.launch();
    }

    /** How the copy's server is doing. */
    public RecoveryStatus status() {
        if (server.processId().isEmpty()) {
            return new RecoveryStatus(RecoveryStatus.Phase.DOWN, Optional.empty(), Optional.empty());
        }
        try (Connection connection = dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_is_in_recovery(), pg_last_wal_replay_lsn(),"
                        + " pg_last_xact_replay_timestamp(),"
                        + " case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end")) {
            row.next();
            RecoveryStatus.Phase phase;
            if (!row.getBoolean(1)) {
                phase = RecoveryStatus.Phase.PROMOTED;
            } else {
                phase = "paused".equals(row.getString(4))
                        ? RecoveryStatus.Phase.PAUSED
                        : RecoveryStatus.Phase.REPLAYING;
            }
            return new RecoveryStatus(
                    phase,
                    Optional.ofNullable(row.getString(2)).map(Lsn::parse),
                    Optional.ofNullable(row.getTimestamp(3)).map(Timestamp::toInstant));
        } catch (SQLException notYet) {
            return new RecoveryStatus(RecoveryStatus.Phase.STARTING, Optional.empty(), Optional.empty());
        }
    }

    /**
     * Waits until replay stands at the target.
     *
     * @param progress is told of the bytes replayed so far and in all
     * @return the state at the target
     * @throws PostgresException TARGET_UNREACHABLE, TARGET_BEFORE_BACKUP, TABLESPACE_IN_WAL, WAL_UNAVAILABLE,
     *     RECOVERY_FAILED with the end of the server's log, RECOVERY_TIMEOUT, CANCELLED
     */
    public RecoveryStatus awaitTarget(Duration limit, Progress progress) {
        long deadline = System.nanoTime() + limit.toNanos();
        CopyConfiguration.Facts facts = configuration.facts();
        Lsn end = archive.reach(archive.history(facts.timeline()).orElseThrow(), facts.from());
        long known = System.nanoTime();
        Map<String, Integer> raised = new TreeMap<>();
        for (int raises = 0; ; ) {
            RecoveryStatus status = status();
            progress.hindered(spool.flatMap(WalSpool::trouble));
            status.replayed()
                    .ifPresent(at -> progress.advanced(
                            Math.max(0, at.minus(facts.from())), Math.max(0, end.minus(facts.from()))));
            switch (status.phase()) {
                case DOWN, PAUSED -> {
                    Map<String, Integer> missing = RecoveryLog.insufficientSettings(server);
                    boolean raise = !raised.entrySet().containsAll(missing.entrySet()) && ++raises <= RAISES;
                    if (raise) {
                        raised.putAll(missing);
                        restartWith(raised);
                    } else if (status.phase() == RecoveryStatus.Phase.PAUSED) {
                        return status;
                    } else {
                        throw RecoveryLog.explain(server, end, spool.flatMap(WalSpool::trouble));
                    }
                }
                case REPLAYING -> {
                    if (facts.standby() && hasAll(end, known)) {
                        pause();
                    }
                }
                case STARTING -> {}
                case PROMOTED ->
                    throw new PostgresException(
                            "RECOVERY_FAILED",
                            "The copy in " + folder + " has left recovery",
                            "Was it promoted by somebody? Destroy it and recover again.");
            }
            progress.check("Waiting for the recovery target");
            if (System.nanoTime() >= deadline) {
                throw new PostgresException(
                        "RECOVERY_TIMEOUT",
                        "The copy in " + folder + " has not reached its target within " + limit.toSeconds()
                                + " s; it is at "
                                + status.replayed().map(Lsn::toString).orElse("an unknown point"),
                        "It goes on replaying: wait again, or look at " + server.log() + ".");
            }
            sleep();
        }
    }

    /** The source's settings were raised since the backup: replay stands, or refuses, until the copy's are as high. */
    private void restartWith(Map<String, Integer> raised) {
        server.stop(STOP_LIMIT);
        configuration.raise(raised);
        installation.own(folder);
        server.launch();
    }

    /**
     * In standby mode: whether replay has taken all WAL up to a position and now only waits for more.
     *
     * @param known when that position was known: of a segment that was handed over before, some may be missing
     */
    private boolean hasAll(Lsn end, long known) {
        Lsn last = end.plus(-1).segmentStart(archive.segmentSize());
        boolean asked = reaches(spool.flatMap(WalSpool::lastAbsent), last, known)
                || reaches(spool.flatMap(WalSpool::lastServed), last, known);
        return asked
                && value("select wait_event from pg_stat_activity where backend_type = 'startup'")
                        .filter("RecoveryRetrieveRetryInterval"::equals)
                        .isPresent();
    }

    private boolean reaches(Optional<WalSpool.Answer> answer, Lsn segmentStart, long known) {
        return answer.filter(one -> one.lookedAt() - known > 0)
                .flatMap(one -> SegmentName.parse(one.name(), archive.segmentSize()))
                .map(segment -> !segment.start().isBefore(segmentStart))
                .orElse(false);
    }

    private void pause() {
        value("select 'requested' from pg_wal_replay_pause()");
    }

    private Optional<String> value(String sql) {
        try (Connection connection = dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        } catch (SQLException e) {
            return Optional.empty();
        }
    }

    /** Connections to the copy as its bootstrap superuser, without a password: give one where access asks for it. */
    public DataSource dataSource(String database) {
        CopyConfiguration.Facts facts = configuration.facts();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {facts.port()});
        source.setDatabaseName(database);
        source.setUser(facts.superuser());
        source.setConnectTimeout(5);
        source.setSocketTimeout(0);
        return source;
    }

    /** The port on the loopback. */
    public int port() {
        return configuration.facts().port();
    }

    /**
     * Ends recovery: the copy becomes a writable server on a new timeline. Its archiving stays off.
     *
     * @throws PostgresException PROMOTION_FAILED if it is not done within the limit
     */
    public void promote(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        value("select pg_promote(false)");
        while (status().phase() != RecoveryStatus.Phase.PROMOTED) {
            if (System.nanoTime() >= deadline) {
                throw new PostgresException(
                        "PROMOTION_FAILED",
                        "The copy in " + folder + " was not promoted within " + limit.toSeconds() + " s. Its log ends: "
                                + server.endOfLog(),
                        "Read " + server.log() + ".");
            }
            sleep();
        }
        try {
            // Nothing of the source's is replayed any more.
            CopyConfiguration.allowTablespaces(dataDirectory());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot give back pg_tblspc of the copy in " + folder, e);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public Server server() {
        return server;
    }

    /** Stops the copy's server. */
    public void stop(Duration limit) {
        server.stop(limit);
    }

    /**
     * Stops the copy's server without ceremony and removes everything below the copy's folder.
     *
     * @throws PostgresException NOT_A_COPY if the folder was not made by this
     */
    public void destroy() {
        if (!Files.exists(folder)) {
            return;
        }
        if (!configuration.exists() && !Files.exists(dataDirectory().resolve(RestoreTarget.MARKER))) {
            throw new PostgresException(
                    "NOT_A_COPY",
                    "The folder " + folder + " is not a copy made by Muster; nothing was removed",
                    "Check the folder; a data directory that is in use is never removed.");
        }
        server.stopImmediately(STOP_LIMIT);
        close();
        try (var paths = Files.walk(folder)) {
            CopyConfiguration.allowTablespaces(dataDirectory());
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove the copy in " + folder, e);
        }
    }

    /** Ends the bringing of WAL in this JVM; the server stays and waits for whoever adopts it. */
    @Override
    public void close() {
        spool.ifPresent(WalSpool::close);
        spool = Optional.empty();
    }
}
