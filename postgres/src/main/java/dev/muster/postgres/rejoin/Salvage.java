package dev.muster.postgres.rejoin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Saves what only an old primary has, before anything of it is rewound or restored over (SAFETY Failover 9): its WAL from
 * the fork on, history files, pg_control, and the list of transactions, encrypted, as a backup of a source of its own.
 */
public final class Salvage {
    private static final int FILE_MODE = 0600;

    private final Installation installation;
    private final Repository repository;
    private final String source;
    private final String writer;
    private final Optional<WalArchive> archive;
    private final Optional<NameBase> base;
    private final Salvages salvages;

    /**
     * @param source of the cluster's backups, such as {@code orders-main}
     * @param writer names this process in the repository, such as the host
     * @param base for exact names; empty: those at the end
     */
    public Salvage(
            Installation installation,
            Repository repository,
            String source,
            String writer,
            Optional<WalArchive> archive,
            Optional<NameBase> base) {
        this.installation = installation;
        this.repository = repository;
        this.source = source;
        this.writer = writer;
        this.archive = archive;
        this.base = base;
        this.salvages = new Salvages(repository, source);
    }

    /**
     * Stores the divergence and reads it back. Called again for the same state of the old primary it stores nothing more,
     * and reads back what is there.
     *
     * @return empty if nothing diverged: nothing is stored then
     * @throws PostgresException TARGET_IN_USE; OLD_PRIMARY_CHANGED if it is not as the ancestry saw it; OLD_WAL_MISSING,
     *     SALVAGE_DAMAGED, CANCELLED
     */
    public Optional<Salvaged> run(Ancestry ancestry, String token, Progress progress) {
        ancestry.requireJoinable();
        if (ancestry.divergence().isEmpty()) {
            return Optional.empty();
        }
        Optional<Salvaged> known = salvages.covering(ancestry);
        Salvaged salvaged = known.isPresent() ? known.get() : store(ancestry, token, progress);
        salvages.verify(salvaged.id());
        return Optional.of(salvaged);
    }

    private Salvaged store(Ancestry ancestry, String token, Progress progress) {
        OldPrimary old = requireUnchanged(installation, ancestry);
        try (LocalWal wal = new LocalWal(old.wal(), old.history(), ancestry.segmentSize(), archive)) {
            SalvageReport report = new DivergentTransactions(ancestry, old, wal, base).list();
            BackupRequest request = new BackupRequest(
                    Salvages.source(source),
                    BackupKind.ARCHIVAL,
                    writer,
                    JsonNodeFactory.instance.objectNode().put("what", Salvages.WHAT));
            try (BackupWriter backup = repository.startBackup(request)) {
                long bytes;
                try (PackWriter pack = backup.pack()) {
                    bytes = segments(ancestry, old, wal, backup, pack, progress);
                    for (Map.Entry<Integer, byte[]> history : old.historyFiles().entrySet()) {
                        store(backup, pack, "pg_wal/" + SegmentName.history(history.getKey()), history.getValue());
                    }
                    store(backup, pack, ControlFile.PATH, old.control().content());
                    store(backup, pack, Salvages.DOCUMENT, SalvageDocument.write(report));
                }
                requireUnchanged(installation, ancestry);
                CommittedBackup committed = backup.commit(Salvages.summary(report, token, bytes));
                return salvages.salvaged(committed);
            }
        }
    }

    /** @throws PostgresException OLD_PRIMARY_CHANGED: it was started meanwhile (SAFETY Failover 15) */
    static OldPrimary requireUnchanged(Installation installation, Ancestry ancestry) {
        OldPrimary old = OldPrimary.read(installation, ancestry.directory());
        if (!old.controlHash().equals(ancestry.controlHash())) {
            throw new PostgresException(
                    "OLD_PRIMARY_CHANGED",
                    "The old primary in " + ancestry.directory() + " is not as it was when it was looked at: somebody"
                            + " started it meanwhile",
                    "Fence it, then begin again: what it wrote since is salvaged, and asked about again.");
        }
        return old;
    }

    private static long segments(
            Ancestry ancestry, OldPrimary old, LocalWal wal, BackupWriter backup, PackWriter pack, Progress progress) {
        int size = ancestry.segmentSize();
        DivergentRange range = ancestry.divergence().orElseThrow();
        Lsn first = range.from().segmentStart(size);
        TreeSet<Lsn> starts = new TreeSet<>();
        for (Lsn at = first; at.isBefore(range.to()); at = at.plus(size)) {
            starts.add(at);
        }
        if (ancestry.damaged()) {
            old.segments(size).stream()
                    .filter(segment -> segment.timeline() == range.timeline())
                    .map(SegmentName::start)
                    .filter(start -> !start.isBefore(first))
                    .forEach(starts::add);
        }
        long total = starts.size() * (long) size;
        long done = 0;
        for (Lsn start : starts) {
            progress.check("The salvage");
            done += segment(SegmentName.of(range.timeline(), start, size), wal, backup, pack);
            progress.advanced(done, total);
        }
        return done;
    }

    private static long segment(SegmentName name, LocalWal wal, BackupWriter backup, PackWriter pack) {
        List<Run> runs = new ArrayList<>();
        MessageDigest digest = Sha256.instance();
        byte[] buffer = new byte[Frame.MAX_RAW];
        long size = 0;
        while (size < name.segmentSize()) {
            int read = wal.read(
                    name.start().plus(size), buffer, 0, (int) Math.min(buffer.length, name.segmentSize() - size));
            if (read <= 0) {
                break;
            }
            digest.update(buffer, 0, read);
            runs.add(pack.run(size, buffer, 0, read));
            size += read;
        }
        if (size > 0) {
            backup.fileOfRuns(entry("pg_wal/" + name, size, digest.digest()), runs);
        }
        return size;
    }

    private static void store(BackupWriter backup, PackWriter pack, String path, byte[] content) {
        List<Run> runs = new ArrayList<>();
        for (int at = 0; at < content.length; at += Frame.MAX_RAW) {
            runs.add(pack.run(at, content, at, Math.min(Frame.MAX_RAW, content.length - at)));
        }
        backup.fileOfRuns(entry(path, content.length, Sha256.instance().digest(content)), runs);
    }

    private static Entry entry(String path, long size, byte[] digest) {
        return Entry.file(EntryPath.of(path), FILE_MODE, size)
                .withAttributes(Map.of(Salvages.DIGEST, HexFormat.of().formatHex(digest)));
    }
}
