package dev.muster.postgres.standby;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * The server of a member on this host.
 *
 * @param name of the member
 * @param place for log-ins as a role with pg_monitor and pg_checkpoint, mostly a superuser
 * @param starter who starts it: the host's own starter, which refuses while the host is fenced
 */
public record MemberServer(String name, Installation installation, Server server, DataSource place, Starter starter) {
    private static final Duration PROGRAM_LIMIT = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 20;

    /** Starts a server, or refuses; does not wait until it answers. */
    @FunctionalInterface
    public interface Starter {
        void launch(Server server);
    }

    /** Started by pg_ctl, for hosts without a fence. */
    public MemberServer(String name, Installation installation, Server server, DataSource place) {
        this(name, installation, server, place, Server::launch);
    }

    public Path dataDirectory() {
        return server.dataDirectory();
    }

    public AutomaticConfiguration configuration() {
        return new AutomaticConfiguration(dataDirectory());
    }

    public boolean runs() {
        return server.processId().isPresent();
    }

    public void launch() {
        installation.own(dataDirectory());
        starter.launch(server);
    }

    /** Makes a running server read its configuration again. */
    public void reload() {
        installation.own(dataDirectory());
        if (runs()) {
            installation.run(
                    PROGRAM_LIMIT, "pg_ctl", "reload", "-D", dataDirectory().toString());
        }
    }

    /** Ends recovery; returns before it has ended. */
    public void requestPromotion() {
        installation.run(
                PROGRAM_LIMIT, "pg_ctl", "promote", "-W", "-D", dataDirectory().toString());
    }

    /** The first column of the first row; empty if it is null, or if the server does not answer now. */
    public Optional<String> ask(String sql) {
        try {
            return query(sql);
        } catch (SQLException notNow) {
            return Optional.empty();
        }
    }

    /** The same, and says why it does not answer. */
    public Optional<String> query(String sql) throws SQLException {
        try (Connection connection = place.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    /** Whether it is in recovery; empty if it does not answer. */
    public Optional<Boolean> inRecovery() {
        return ask("select pg_is_in_recovery()").map("t"::equals);
    }

    /**
     * Waits until something holds.
     *
     * @param mustRun whether a server that is down ends the waiting
     * @param failure what to throw after the limit
     * @throws PostgresException MEMBER_DOWN with the end of its log; CANCELLED
     */
    public void await(BooleanSupplier condition, boolean mustRun, Duration limit, Supplier<PostgresException> failure) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (mustRun && !runs()) {
                throw new PostgresException(
                        "MEMBER_DOWN",
                        "The server of member " + name + " is down. Its log ends: " + server.endOfLog(),
                        "Read " + server.log() + ".");
            }
            if (System.nanoTime() >= deadline) {
                throw failure.get();
            }
            pause(name);
        }
    }

    private static void pause(String name) {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException(
                    "CANCELLED", "Waiting for member " + name + " was cancelled", "The worker is stopping.", e);
        }
    }
}
