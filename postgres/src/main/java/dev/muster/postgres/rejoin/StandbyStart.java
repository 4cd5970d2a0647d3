package dev.muster.postgres.rejoin;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.restore.WalSpool;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Starts the new standby and watches until it streams. */
final class StandbyStart {
    private static final long PAUSE = 100_000_000;

    private final Installation installation;
    private final RejoinRequest request;
    private final NewPrimary primary;
    private final NewPrimary.Identity identity;
    private final Server server;

    StandbyStart(Installation installation, RejoinRequest request, NewPrimary primary, NewPrimary.Identity identity) {
        this.installation = installation;
        this.request = request;
        this.primary = primary;
        this.identity = identity;
        this.server =
                new Server(installation, request.directory(), request.work().resolve("server.log"));
    }

    Path spool() {
        return request.work().resolve("spool");
    }

    /** @throws PostgresException REJOIN_NOT_STREAMING, CANCELLED */
    void awaitStreaming(WalSpool spool, Progress progress) {
        installation.own(request.work());
        server.launch();
        long deadline = System.nanoTime() + request.limit().toNanos();
        while (!streams()) {
            progress.check("The rejoin");
            spool.trouble().ifPresent(trouble -> progress.hindered(Optional.of(trouble)));
            if (server.processId().isEmpty()) {
                throw notStreaming("its server ended", spool);
            }
            if (System.nanoTime() > deadline) {
                throw notStreaming("it does not stream after " + request.limit(), spool);
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    private boolean streams() {
        return primary.stream(request.slot())
                .map(stream -> stream.state().equals("streaming"))
                .orElse(false);
    }

    private PostgresException notStreaming(String why, WalSpool spool) {
        return new PostgresException(
                "REJOIN_NOT_STREAMING",
                "The standby in " + request.directory() + " is not there: " + why
                        + spool.trouble()
                                .map(trouble -> "; " + trouble.getMessage())
                                .orElse("")
                        + ". Its log ends: " + server.endOfLog(),
                "May it connect to the new primary (primary_conninfo, pg_hba.conf, passfile)? Call it again: it goes on"
                        + " here.");
    }

    /** restore_command went with the configuration. */
    void reload() {
        NewPrimary.ask(request.member(), "select pg_reload_conf()::text", "the new standby");
    }

    /**
     * Asks both sides whether it is what it is meant to be.
     *
     * @return how many bytes it is behind
     * @throws PostgresException REJOIN_CHECK_FAILED, CANCELLED
     */
    long check(Progress progress) {
        expect("pg_is_in_recovery", "true", "select pg_is_in_recovery()::text");
        expect("system identifier", identity.systemId(), "select system_identifier::text from pg_control_system()");
        expect(
                "received timeline",
                Integer.toString(identity.timeline()),
                "select received_tli::text from pg_stat_wal_receiver");
        long deadline = System.nanoTime() + request.limit().toNanos();
        while (true) {
            progress.check("The rejoin");
            long lag = primary.stream(request.slot())
                    .map(NewPrimary.Stream::lagBytes)
                    .orElse(-1L);
            if (lag >= 0 && lag <= request.lagBytes()) {
                return lag;
            }
            if (System.nanoTime() > deadline) {
                throw failed("it is " + lag + " bytes behind (-1: unknown), more than " + request.lagBytes());
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    private void expect(String what, String expected, String query) {
        String found =
                NewPrimary.ask(request.member(), query, "the new standby").orElse("none");
        if (!found.equals(expected)) {
            throw failed("its " + what + " is " + found + ", not " + expected);
        }
    }

    private PostgresException failed(String why) {
        return new PostgresException(
                "REJOIN_CHECK_FAILED",
                "The standby in " + request.directory() + " runs, but " + why,
                "Do not switch to it. Is the address of the member that of this data directory's server?");
    }
}
