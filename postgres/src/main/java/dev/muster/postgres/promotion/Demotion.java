package dev.muster.postgres.promotion;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.standby.AutomaticConfiguration;
import dev.muster.postgres.standby.MemberServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Takes the role from a primary for a switchover (SAFETY "Failover" 8): a checkpoint while clients still work, then a
 * fast stop. The stop is what refuses new clients, and it does so in the moment in which it begins to end the old ones:
 * a limit on connections would be replicated and stay behind on the new primary, and superusers pass it; a changed
 * pg_hba.conf would stay behind on a host whose worker was killed. Before the stop, standby.signal is written: whoever
 * starts this server afterwards, by whatever means, starts a standby.
 */
public final class Demotion {
    private static final String INTENT = "muster-demotion";

    private final MemberServer server;
    private final String token;
    private final Clock clock;

    /** @param token of the run; the same again goes on */
    public Demotion(MemberServer server, String token, Clock clock) {
        this.server = server;
        this.token = token;
        this.clock = clock;
    }

    /**
     * A primary that writes no more.
     *
     * @param last everything that it ever wrote ends here
     * @param stopBegan when the gap without a primary began; empty if an earlier attempt had stopped it
     */
    public record Demoted(ShutdownCheckpoint last, Optional<Instant> stopBegan) {
        /** The position that the target must have replayed. */
        public Lsn position() {
            return last.end();
        }
    }

    /**
     * @param limit of the stop; what happens after it is not decided: call again, or undo
     * @throws PostgresException NOT_PRIMARY, DEMOTION_FAILED (nothing was changed), DEMOTION_UNCLEAN,
     *     POSTGRES_PROGRAM_FAILED
     */
    public Demoted run(Duration limit) {
        Optional<Instant> began = Optional.empty();
        if (server.runs()) {
            if (server.inRecovery().orElse(false)) {
                refuseUnlessOurs();
            } else if (!ours()) {
                checkpoint();
            }
            record();
            server.configuration().signalStandby();
            server.configuration().forgetUpstream();
            began = Optional.of(clock.instant());
            server.server().stop(limit);
        } else if (server.configuration().signalsStandby()) {
            refuseUnlessOurs();
        }
        record();
        server.configuration().signalStandby();
        server.configuration().forgetUpstream();
        ShutdownCheckpoint last = ShutdownCheckpoint.read(server.dataDirectory())
                .orElseThrow(() -> new PostgresException(
                        "DEMOTION_UNCLEAN",
                        "Member " + server.name() + " is down, and did not stop as it should: where its WAL ends is"
                                + " not known",
                        "Undo the demotion: started again it recovers. Or go on with a failover, which counts with"
                                + " a loss."));
        return new Demoted(last, began);
    }

    private void checkpoint() {
        try {
            // Most of what the stop would write is written while clients still work: the gap gets shorter.
            try (var connection = server.place().getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("checkpoint");
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "DEMOTION_FAILED",
                    "Member " + server.name() + " makes no checkpoint before its stop: " + e.getMessage()
                            + "; nothing was changed",
                    "May the role do it (pg_checkpoint), and does the server answer?",
                    e);
        }
    }

    private Path intent() {
        return server.dataDirectory().resolve(INTENT);
    }

    private boolean ours() {
        try {
            return Files.readString(intent()).strip().equals(token);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + intent(), e);
        }
    }

    private void refuseUnlessOurs() {
        if (!ours()) {
            throw new PostgresException(
                    "NOT_PRIMARY",
                    "Member " + server.name() + " is a standby: there is nothing to demote; nothing was changed",
                    "Look who is the primary: muster replication status.");
        }
    }

    private void record() {
        try {
            AutomaticConfiguration.write(intent(), token + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + intent(), e);
        }
    }

    /** Whether a demotion was begun here, by whichever run, and neither undone nor followed by a rejoin. */
    static boolean begun(MemberServer server) {
        return Files.exists(server.dataDirectory().resolve(INTENT));
    }

    /** Ends what {@link #undo} could undo: the member follows another one now. */
    static void forget(MemberServer server) {
        server.configuration().remove(INTENT);
    }

    /**
     * Makes it the primary again. Only before the target was asked to promote: the caller holds the run's lock and knows
     * that it was not.
     *
     * @param fenced whether a fence forbids this host to start PostgreSQL; an undo never lifts one
     * @param promoted whether the target has left recovery, or is not known not to have
     * @throws PostgresException PRIMARY_FENCED, PROMOTION_BEGUN, NOT_PRIMARY if another run demoted it, NOT_WRITABLE
     */
    public void undo(BooleanSupplier fenced, BooleanSupplier promoted, Duration limit) {
        if (fenced.getAsBoolean()) {
            throw new PostgresException(
                    "PRIMARY_FENCED",
                    "Member " + server.name() + " is fenced and stays stopped",
                    "Lifting a fence is for a person, when it is certain that no other member is the primary.");
        }
        if (promoted.getAsBoolean()) {
            throw new PostgresException(
                    "PROMOTION_BEGUN",
                    "Member " + server.name() + " cannot be the primary again: the target is, or may be, promoted",
                    "Go forward: let it rejoin as a standby.");
        }
        if (!ours()) {
            refuseUnlessWriting();
            return;
        }
        boolean writing = server.inRecovery().map(in -> !in).orElse(false);
        if (server.runs() && !writing) {
            // It is stopping, or somebody has started it since, as a standby.
            server.server().stop(limit);
        }
        server.configuration().clearStandbySignal();
        forget(server);
        server.launch();
        server.await(
                () -> server.inRecovery().map(in -> !in).orElse(false),
                true,
                limit,
                () -> new PostgresException(
                        "NOT_WRITABLE",
                        "Member " + server.name() + " does not take writes again within " + limit.toSeconds() + " s",
                        "Read " + server.server().log() + "."));
    }

    /** An undo whose reply was lost has nothing left to do. */
    private void refuseUnlessWriting() {
        if (!server.inRecovery().map(in -> !in).orElse(false)) {
            throw new PostgresException(
                    "NOT_PRIMARY",
                    "Member " + server.name() + " was not demoted by this run; nothing was changed",
                    "Look which run it was, and who is the primary: muster replication status.");
        }
    }
}
