package dev.muster.postgres.standby;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.HistoryFile;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.TimelineHistory;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Lets a server follow an upstream and waits until it streams. */
public final class Streaming {
    private final MemberServer server;
    private final Following following;

    public Streaming(MemberServer server, Following following) {
        this.server = server;
        this.following = following;
    }

    /**
     * What an upstream is.
     *
     * @param history of its timeline
     * @param end of what it has flushed, or replayed if it is a standby
     */
    public record Upstream(String systemId, TimelineHistory history, Lsn end) {
        /** @throws dev.muster.postgres.PostgresException as {@link ReplicationConnection#open} */
        public static Upstream ask(ServerAddress address, Clock clock) {
            try (ReplicationConnection connection = ReplicationConnection.open(address, "muster", clock)) {
                ReplicationConnection.SystemIdentity identity = connection.identifySystem();
                TimelineHistory history = TimelineHistory.first();
                if (identity.timeline() > 1) {
                    HistoryFile file = connection.timelineHistory(identity.timeline());
                    history = TimelineHistory.parse(identity.timeline(), file.content());
                }
                return new Upstream(identity.systemId(), history, identity.flushed());
            }
        }
    }

    /** Writes the settings; a running standby takes them up at once, a stopped one when it starts. */
    public void configure() {
        following.writePassword(server);
        server.configuration().change(AutomaticConfiguration.RECOVERY, following.settings());
        server.configuration().signalStandby();
        server.reload();
    }

    /** Whether it streams from this upstream through this slot. */
    public boolean established() {
        return server.ask("select slot_name from pg_stat_wal_receiver where status = 'streaming' and sender_host = '"
                        + following.upstream().host().replace("'", "''") + "' and sender_port = "
                        + following.upstream().port())
                .filter(following.slot()::equals)
                .isPresent();
    }

    /**
     * Waits until it streams.
     *
     * @throws PostgresException NOT_STREAMING with the end of its log, MEMBER_DOWN, CANCELLED
     */
    public void await(Duration limit, Optional<StoreWal> store) {
        server.await(this::established, true, limit, () -> notStreaming(store.flatMap(StoreWal::trouble)));
    }

    private PostgresException notStreaming(Optional<PostgresException> trouble) {
        return new PostgresException(
                "NOT_STREAMING",
                "Member " + following + " does not stream"
                        + trouble.map(why -> "; the store's WAL does not come: " + why.getMessage())
                                .orElse("")
                        + ". Its log ends: " + server.server().endOfLog(),
                "Does the upstream let the role in (pg_hba.conf, replication), has it max_wal_senders left, is the"
                        + " needed WAL still there? It goes on trying.");
    }
}
