package dev.muster.postgres.standby;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RestoreOptions;
import dev.muster.postgres.restore.RestoreResult;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Makes a standby from a backup in the repository: slot on the upstream, restore, settings, start, streaming. Killed
 * anywhere and called again with the same token it goes on where it was. A stopped data directory of the same cluster
 * is overwritten, where it differs, only if the options allow it.
 */
public final class StandbySetup {
    private final Repository repository;
    private final String source;
    private final MemberServer server;
    private final Following following;
    private final Clock clock;

    /**
     * What to make it from.
     *
     * @param backup its id
     * @param token of the run
     * @param options {@link RestoreOptions#overwriting} where a data directory may be overwritten
     * @param spool a folder for this member alone, outside of the data directory
     * @param ownSettings of this member, instead of the source's: such as its port or cluster_name
     */
    public record Origin(
            String backup, String token, RestoreOptions options, Path spool, Map<String, String> ownSettings) {
        public Origin {
            ownSettings = Map.copyOf(ownSettings);
        }
    }

    /**
     * A standby that streams.
     *
     * @param restored what the restore did
     * @param replayed where it stood when it streamed
     */
    public record Made(RestoreResult restored, Lsn replayed) {}

    public StandbySetup(Repository repository, String source, MemberServer server, Following following, Clock clock) {
        this.repository = repository;
        this.source = source;
        this.server = server;
        this.following = following;
        this.clock = clock;
    }

    /**
     * @param upstream for the slot, as a role with REPLICATION and pg_monitor
     * @param limit from the start of the server until it streams
     * @throws PostgresException SYSTEM_MISMATCH, TIMELINE_NOT_REACHABLE, SLOT_IN_USE, SLOT_NOT_MADE, what
     *     {@link PhysicalRestore#run} throws, MEMBER_TAKES_WRITES, NOT_STREAMING, MEMBER_DOWN, CANCELLED
     */
    public Made run(Origin origin, DataSource upstream, Duration limit, Progress progress) {
        BackupSummary backup = BackupSummary.of(
                repository.backup(source, origin.backup()).backup().summary());
        Streaming.Upstream above = Streaming.Upstream.ask(following.upstream(), clock);
        check(origin, backup, above);
        new UpstreamSlot(upstream, following.slot(), following.member()).ensure();
        RestoreResult restored = new PhysicalRestore(
                        repository, source, origin.backup(), server.dataDirectory(), origin.token(), origin.options())
                .run(progress);
        refusePromoted();
        Streaming streaming = new Streaming(server, following);
        if (!server.runs()) {
            streaming.configure();
            server.configuration().change(Set.of(), origin.ownSettings());
        }
        WalArchive archive = new WalArchive(repository, source, backup.systemId(), backup.segmentSize());
        try (StoreWal store = StoreWal.open(server, archive, along(archive, backup, above), origin.spool())) {
            server.launch();
            streaming.await(limit, Optional.of(store));
        }
        return new Made(restored, Replay.position(server).orElse(backup.stop()));
    }

    private void check(Origin origin, BackupSummary backup, Streaming.Upstream above) {
        if (!backup.systemId().equals(above.systemId())) {
            throw new PostgresException(
                    "SYSTEM_MISMATCH",
                    "Backup " + origin.backup() + " of " + source + " is of system " + backup.systemId() + ", upstream "
                            + following.upstream() + " of " + above.systemId() + "; nothing was changed",
                    "Check the upstream and the backup.");
        }
        boolean past = above.history().contains(backup.timeline())
                && !above.history()
                        .endOf(backup.timeline())
                        .map(end -> end.isBefore(backup.stop()))
                        .orElse(false);
        if (!past) {
            throw new PostgresException(
                    "TIMELINE_NOT_REACHABLE",
                    "The backup ends on timeline " + backup.timeline() + " at " + backup.stop()
                            + ", which is not in the past of timeline "
                            + above.history().timeline() + " of upstream " + following.upstream()
                            + "; nothing was changed",
                    "Take a backup of that upstream, or an older one.");
        }
    }

    /** The store's WAL as far as the upstream's timeline is known there; the rest is streamed. */
    private static int along(WalArchive archive, BackupSummary backup, Streaming.Upstream above) {
        int newest = above.history().timeline();
        return archive.history(newest).isPresent() ? newest : backup.timeline();
    }

    /** After a promotion its WAL is its own; to follow somebody again is for the rejoin, which checks that. */
    private void refusePromoted() {
        boolean writes = server.runs() && server.inRecovery().map(in -> !in).orElse(false);
        boolean used = Files.notExists(server.dataDirectory().resolve("backup_label"));
        boolean stopped = !server.runs() && used && !server.configuration().signalsStandby();
        if (writes || stopped) {
            throw new PostgresException(
                    "MEMBER_TAKES_WRITES",
                    "Member " + server.name() + " was restored, and promoted since; nothing was changed",
                    "If it is to follow again, let it rejoin: that looks at what it wrote.");
        }
    }
}
