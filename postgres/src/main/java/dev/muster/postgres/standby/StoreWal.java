package dev.muster.postgres.standby;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.restore.WalSpool;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets a member in recovery take WAL from the store beside what it streams, for as long as this is open. The setting
 * must not outlast whoever fills the spool: a restore_command that nobody answers stops the server.
 */
public final class StoreWal implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(60);
    /** A request that was under way when the setting went is seen within this. */
    private static final Duration QUIET = Duration.ofMillis(300);

    private final MemberServer server;
    private final WalArchive archive;
    private final int timeline;
    private final Path folder;
    private final WalSpool spool;

    private StoreWal(MemberServer server, WalArchive archive, int timeline, Path folder, WalSpool spool) {
        this.server = server;
        this.archive = archive;
        this.timeline = timeline;
        this.folder = folder;
        this.spool = spool;
    }

    /**
     * @param spool a folder for this member alone, outside of its data directory
     * @param timeline that the member recovers along
     * @throws PostgresException HISTORY_MISSING if the store does not know it; nothing was changed
     */
    public static StoreWal open(MemberServer server, WalArchive archive, int timeline, Path spool) {
        // An answer "failed" stops a standby: better to refuse before anything asks.
        history(archive, timeline);
        WalSpool filled = WalSpool.start(spool, archive.along(timeline), server.installation()::own);
        server.configuration()
                .change(
                        Set.of(),
                        Map.of(
                                "restore_command",
                                WalSpool.restoreCommand(spool, SILENCE),
                                "wal_retrieve_retry_interval",
                                "200ms"));
        server.reload();
        return new StoreWal(server, archive, timeline, spool, filled);
    }

    /** What keeps the WAL from coming; empty while it comes. */
    public Optional<PostgresException> trouble() {
        return spool.trouble();
    }

    /** The end of the store's WAL without a gap from a position on, along the timeline. */
    public Lsn reach(Lsn from) {
        return archive.reach(history(archive, timeline), from);
    }

    private static TimelineHistory history(WalArchive archive, int timeline) {
        return archive.history(timeline)
                .orElseThrow(() -> new PostgresException(
                        "HISTORY_MISSING",
                        "The store has no history file of timeline " + timeline,
                        "Has the WAL receiver of this system come that far?"));
    }

    /**
     * Whether replay has taken all that the store had, and waits for more. The stored WAL may end within a record, so a
     * position alone cannot say it.
     *
     * @param end of the stored WAL
     * @param since {@link System#nanoTime} when that was found
     */
    boolean replayed(Lsn end, long since, Lsn replayed) {
        if (!replayed.isBefore(end)) {
            return true;
        }
        Lsn last = end.plus(-1).segmentStart(archive.segmentSize());
        boolean asked = reaches(spool.lastAbsent(), last, since) || reaches(spool.lastServed(), last, since);
        return asked
                && server.ask("select wait_event from pg_stat_activity where backend_type = 'startup'")
                        .filter("RecoveryRetrieveRetryInterval"::equals)
                        .isPresent();
    }

    private boolean reaches(Optional<WalSpool.Answer> answer, Lsn segmentStart, long since) {
        return answer.filter(one -> one.lookedAt() - since > 0)
                .flatMap(one -> SegmentName.parse(one.name(), archive.segmentSize()))
                .map(segment -> !segment.start().isBefore(segmentStart))
                .orElse(false);
    }

    /**
     * Waits until all that the store has beyond this member is replayed.
     *
     * @return how far replay has come
     * @throws PostgresException REPLAY_BEHIND, MEMBER_DOWN, CANCELLED
     */
    public Lsn awaitReplay(Duration limit) {
        Lsn from = Replay.position(server).orElse(Lsn.INVALID);
        Lsn end = reach(from);
        long since = System.nanoTime();
        if (end.isAfter(from)) {
            server.await(
                    () -> Replay.position(server)
                            .map(at -> replayed(end, since, at))
                            .orElse(false),
                    true,
                    limit,
                    () -> Replay.behind(server, end, trouble()));
        }
        return Replay.position(server).orElse(from);
    }

    /** Takes the setting away, then ends the filling. */
    @Override
    public void close() {
        server.configuration().change(Set.of("restore_command", "wal_retrieve_retry_interval"), Map.of());
        if (server.runs()) {
            server.reload();
            awaitQuiet();
        }
        spool.close();
    }

    /** A request that nobody answers any more would stop the server, so the last ones are answered. */
    private void awaitQuiet() {
        long[] quietSince = {System.nanoTime()};
        server.await(
                () -> {
                    String[] wanted = folder.resolve("want").toFile().list();
                    if (wanted == null || wanted.length > 0) {
                        quietSince[0] = System.nanoTime();
                    }
                    return System.nanoTime() - quietSince[0] > QUIET.toNanos();
                },
                false,
                SILENCE,
                () -> new PostgresException(
                        "STORE_UNAVAILABLE",
                        "Member " + server.name() + " still asks for WAL of the store that does not come"
                                + trouble().map(why -> ": " + why.getMessage()).orElse(""),
                        "Is the store reachable? Call this step again: until then a missing answer stops the server."));
    }

    /** Takes away what a killed attempt left, before the server waits in vain for an answer. */
    public static void forget(MemberServer server) {
        server.configuration().change(Set.of("restore_command", "wal_retrieve_retry_interval"), Map.of());
    }
}
