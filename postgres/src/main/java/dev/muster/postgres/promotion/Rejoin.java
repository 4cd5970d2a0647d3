package dev.muster.postgres.promotion;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.standby.Following;
import dev.muster.postgres.standby.MemberServer;
import dev.muster.postgres.standby.StoreWal;
import dev.muster.postgres.standby.Streaming;
import dev.muster.postgres.standby.UpstreamSlot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Makes a member follow another one, with the data that it has: a demoted primary its successor, a standby a new
 * upstream. Nothing is rewound or wiped: who has WAL of its own is refused.
 */
public final class Rejoin {
    private final MemberServer server;
    private final Following following;
    private final Clock clock;

    public Rejoin(MemberServer server, Following following, Clock clock) {
        this.server = server;
        this.following = following;
        this.clock = clock;
    }

    /**
     * @param upstream for the slot, as a role with REPLICATION and pg_monitor
     * @throws PostgresException MEMBER_TAKES_WRITES, SYSTEM_MISMATCH, TIMELINE_STRANGE, WAL_DIVERGED, REJOIN_UNCLEAN,
     *     SLOT_IN_USE, SLOT_NOT_MADE, NOT_STREAMING, MEMBER_DOWN, CANCELLED
     */
    public void run(DataSource upstream, Duration limit) {
        Streaming.Upstream above = Streaming.Upstream.ask(following.upstream(), clock);
        refuseOtherSystem(above);
        if (server.runs()) {
            refuseWriting();
        } else {
            refuseStrange(above);
        }
        new UpstreamSlot(upstream, following.slot(), following.member()).ensure();
        StoreWal.forget(server);
        Streaming streaming = new Streaming(server, following);
        streaming.configure();
        Demotion.forget(server);
        server.launch();
        streaming.await(limit, Optional.empty());
    }

    private void refuseOtherSystem(Streaming.Upstream above) {
        try {
            String systemId = ControlFile.read(server.dataDirectory()).systemId();
            if (!systemId.equals(above.systemId())) {
                throw new PostgresException(
                        "SYSTEM_MISMATCH",
                        "Member " + server.name() + " is of system " + systemId + ", upstream " + following.upstream()
                                + " of " + above.systemId() + "; nothing was changed",
                        "Check the description of the system.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read pg_control in " + server.dataDirectory(), e);
        }
    }

    private void refuseWriting() {
        if (server.inRecovery().map(in -> !in).orElse(false)) {
            throw new PostgresException(
                    "MEMBER_TAKES_WRITES",
                    "Member " + server.name() + " takes writes; nothing was changed",
                    "Two primaries? Fence one first. In a switchover, demote it first.");
        }
    }

    private void refuseStrange(Streaming.Upstream above) {
        Optional<ShutdownCheckpoint> last = ShutdownCheckpoint.read(server.dataDirectory());
        if (last.isEmpty()) {
            if (server.configuration().signalsStandby() && !Demotion.begun(server)) {
                // A standby that crashed writes nothing of its own, and the server refuses another past by itself.
                return;
            }
            throw new PostgresException(
                    "REJOIN_UNCLEAN",
                    "Member " + server.name() + " was a primary and did not stop cleanly: where its WAL ends is not"
                            + " known; nothing was changed",
                    "Save what it wrote, then rewind it or restore it from a backup.");
        }
        Ancestry.refuseDiverged(server.name(), last.get().timeline(), last.get().end(), above.history());
    }
}
