package dev.muster.postgres.backup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.frames.Frame;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A backup of a running cluster, primary or standby, by reading its files on its host between pg_backup_start and
 * pg_backup_stop. It is committed only when the WAL that makes it consistent is in the store too, so a committed backup
 * can be restored. An incremental one reads less and stores less; it restores as a full one does.
 */
public final class PhysicalBackup {
    private static final int DIRECTORY_MODE = 0700;

    /** What to do about pages whose checksum is wrong on the source. */
    public enum BadPages {
        /** Back up all the same, and name them in the result and in the backup. */
        RECORD,
        /** Fail with BAD_PAGE_CHECKSUM. */
        FAIL
    }

    /**
     * @param dataDirectory of the running server, on this host
     * @param writer names this process in the repository, such as the worker's host
     * @param workers threads that read, compress and encrypt, 1 to 64
     * @param level of zstd, 1 to 19
     * @param walLimit how long to wait at the end for the WAL to be in the store
     * @param options what kind of backup, and what it may take
     */
    public record Settings(
            Path dataDirectory,
            String writer,
            int workers,
            int level,
            BadPages badPages,
            Duration walLimit,
            BackupOptions options) {
        public Settings {
            if (workers < 1 || workers > 64) {
                throw new IllegalArgumentException("A backup has 1 to 64 workers, not " + workers);
            }
        }

        /** With the default options. */
        public Settings(
                Path dataDirectory, String writer, int workers, int level, BadPages badPages, Duration walLimit) {
            this(dataDirectory, writer, workers, level, badPages, walLimit, BackupOptions.DEFAULT);
        }

        public Settings with(BackupOptions other) {
            return new Settings(dataDirectory, writer, workers, level, badPages, walLimit, other);
        }

        public static Settings defaults(Path dataDirectory, String writer) {
            return new Settings(
                    dataDirectory,
                    writer,
                    Math.min(8, Runtime.getRuntime().availableProcessors()),
                    BackupRequest.DEFAULT_LEVEL,
                    BadPages.RECORD,
                    Duration.ofMinutes(10));
        }
    }

    private static final String WHAT = "postgres";

    private final Repository repository;
    private final String source;
    private final DataSource server;
    private final Settings settings;

    /**
     * @param source name in the repository, such as {@code orders-main}
     * @param server connects as a role that may execute pg_backup_start and pg_backup_stop
     */
    public PhysicalBackup(Repository repository, String source, DataSource server, Settings settings) {
        this.repository = repository;
        this.source = source;
        this.server = server;
        this.settings = settings;
    }

    /**
     * Looks whether it could begin; touches nothing.
     *
     * @throws PostgresException SOURCE_OF_OTHER_KIND, CONNECTION_FAILED, AUTHENTICATION_FAILED, DATA_DIRECTORY_MISMATCH,
     *     DATA_BEHIND_LINK, TABLESPACE_UNREADABLE, SQL_FAILED
     */
    public void check() {
        refuseOtherKind();
        try (BackupSession session = BackupSession.open(server, settings.dataDirectory())) {
            list(session.facts());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + settings.dataDirectory(), e);
        }
    }

    /** Under one name the newest backup would be of a thing now, and of another then; expiry would count both together. */
    private void refuseOtherKind() {
        List<CommittedBackup> backups = repository.backups(source, problem -> {
            if (problem.getCause() instanceof StoreException store) {
                throw store;
            }
        });
        if (backups.isEmpty()) {
            return;
        }
        String what = backups.get(backups.size() - 1).summary().path("what").asText();
        if (!what.equals(WHAT)) {
            throw new PostgresException(
                    "SOURCE_OF_OTHER_KIND",
                    "The backups of " + source + " are of the kind '" + what + "', not of a PostgreSQL cluster",
                    "Give each thing that is backed up a source name of its own (--source).");
        }
    }

    /**
     * Takes the backup.
     *
     * @throws PostgresException SOURCE_OF_OTHER_KIND, CONNECTION_FAILED, AUTHENTICATION_FAILED, DATA_DIRECTORY_MISMATCH, DATA_BEHIND_LINK, TABLESPACE_UNREADABLE, BACKUP_UNDER_WAY,
     *     PARENT_UNSUITABLE, SQL_FAILED, FILE_UNREADABLE, CONTROL_FILE_DAMAGED, BAD_PAGE_CHECKSUM, WAL_NOT_ARCHIVED,
     *     WAL_CONFLICT, CANCELLED; from a standby also STANDBY_BEHIND, BACKUP_PROMOTED, FULL_PAGE_WRITES_OFF. Nothing of
     *     the backup counts then
     */
    public BackupResult run(Progress progress) {
        long begun = System.nanoTime();
        BackupOptions options = settings.options();
        refuseOtherKind();
        try (BackupSession session = BackupSession.open(server, settings.dataDirectory())) {
            BackupSession.Facts facts = session.facts();
            // Before the checkpoint is forced: what cannot be backed up is refused without touching the server.
            list(facts);
            session.claim(source, options.otherLimit(), progress);
            Increment increment = Increment.choose(repository, source, options.wanted(), session.cluster());
            try (BackupWriter writer = repository.startBackup(request(facts, increment))) {
                Optional<KnownFrames> known = repository.mayReferToOlder()
                        ? Optional.of(KnownFrames.of(repository.unfinished(writer), () -> progress.check("The backup")))
                                .filter(frames -> !frames.isEmpty())
                        : Optional.empty();
                increment.relieve(repository, source);
                BackupSession.Begin begin = session.start("muster " + writer.id());
                increment.learn(server, options, facts.version(), begin.redo(), progress);
                return copy(session, writer, increment, known, begin, begun, progress);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + settings.dataDirectory(), e);
        }
    }

    private BackupRequest request(BackupSession.Facts facts, Increment increment) {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        attributes.put("what", WHAT);
        attributes.put("systemId", facts.systemId());
        BackupRequest request = new BackupRequest(source, increment.kind(), settings.writer(), attributes)
                .withLevel(settings.level())
                .withPackSize(settings.options().packSize());
        return increment.ancestor().map(one -> request.withParent(one.id())).orElse(request);
    }

    private DataDirectory.Listing list(BackupSession.Facts facts) throws IOException {
        return DataDirectory.list(settings.dataDirectory(), facts.blocksPerFile());
    }

    private BackupResult copy(
            BackupSession session,
            BackupWriter writer,
            Increment increment,
            Optional<KnownFrames> known,
            BackupSession.Begin begin,
            long begun,
            Progress progress)
            throws IOException {
        BackupSession.Facts facts = session.facts();
        DataDirectory.Listing listing = list(facts);
        for (String directory : listing.directories()) {
            writer.add(Entry.directory(EntryPath.of(directory), DIRECTORY_MODE)
                    .withAttributes(listing.attributes(directory)));
        }
        Optional<PageVerifier> verifier = facts.pageChecksums()
                ? Optional.of(new PageVerifier(facts.blockSize(), begin.redo()))
                : Optional.empty();
        ReadMeter meter = new ReadMeter(settings.options().readLimit(), progress);
        FileCopier copier = new FileCopier(
                settings.dataDirectory(),
                listing.files(),
                writer,
                increment.ancestor(),
                facts.blockSize(),
                verifier,
                known,
                meter);
        copier.run(settings.workers());
        // The last of the server's files: a checkpoint during the copy must not be newer than what was copied.
        byte[] control = ControlFile.read(settings.dataDirectory()).content();
        BackupSession.End end = session.stop();
        // Now, as the server may remove it once it is in the store.
        Optional<OwnWal> own = OwnWal.read(settings.dataDirectory(), end.timeline(), end.stop(), facts.segmentSize());
        try (PackWriter pack = writer.pack()) {
            add(writer, pack, ControlFile.PATH, control);
            add(writer, pack, "backup_label", BackupSession.bytes(end.label()));
            if (!end.tablespaceMap().isEmpty()) {
                add(writer, pack, "tablespace_map", BackupSession.bytes(end.tablespaceMap()));
            }
        }
        List<String> bad = verifier.map(one -> one.badPages(end.stop())).orElse(List.of());
        refuseBadPages(bad);
        Duration waited = awaitWal(facts, end, own, progress);
        BackupSummary summary = new BackupSummary(
                facts.systemId(),
                facts.version(),
                end.timeline(),
                end.start(),
                end.checkpoint(),
                end.stop(),
                begin.time(),
                end.time(),
                facts.segmentSize(),
                facts.blockSize(),
                facts.pageChecksums(),
                copier.rawBytes() + control.length + end.label().length(),
                writer.storedBytes(),
                copier.files() + (end.tablespaceMap().isEmpty() ? 2 : 3),
                bad.subList(0, Math.min(bad.size(), BackupSummary.BAD_PAGES)),
                facts.settings(),
                increment.making(meter));
        writer.needs(() -> new WalArchive(repository, source, facts.systemId(), facts.segmentSize())
                .keys(end.timeline(), end.start(), end.stop()));
        CommittedBackup committed = writer.commit(summary.toJson());
        return new BackupResult(
                committed.id(),
                summary,
                listing.skipped(),
                meter.read(),
                Duration.ofNanos(System.nanoTime() - begun),
                waited,
                copier.cpuSeconds());
    }

    private void refuseBadPages(List<String> bad) {
        if (settings.badPages() == BadPages.FAIL && !bad.isEmpty()) {
            throw new PostgresException(
                    "BAD_PAGE_CHECKSUM",
                    bad.size() + " page(s) of " + settings.dataDirectory() + " have a wrong checksum: "
                            + String.join(", ", bad.subList(0, Math.min(bad.size(), 10))),
                    "The disk or memory of this host damages data. Older backups are still good: keep them, and"
                            + " restore these relations from one.");
        }
    }

    private Duration awaitWal(
            BackupSession.Facts facts, BackupSession.End end, Optional<OwnWal> own, Progress progress) {
        long begun = System.nanoTime();
        WalArchive archive = new WalArchive(repository, source, facts.systemId(), facts.segmentSize());
        archive.awaitWal(end.timeline(), end.start(), end.stop(), settings.walLimit(), progress);
        own.ifPresent(wal -> wal.refuseOther(archive));
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static void add(BackupWriter writer, PackWriter pack, String path, byte[] content) {
        List<Run> runs = new ArrayList<>();
        for (int at = 0; at < content.length; at += Frame.MAX_RAW) {
            runs.add(pack.run(at, content, at, Math.min(Frame.MAX_RAW, content.length - at)));
        }
        writer.fileOfRuns(Entry.file(EntryPath.of(path), FileCopier.FILE_MODE, content.length), runs);
    }
}
