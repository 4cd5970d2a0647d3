package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Workers;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.MapRef;
import dev.muster.repository.PackWriter;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.storage.ObjectMissingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Copies files of a running cluster into a backup with several threads, in units of 64 MiB, so that one large relation
 * keeps all of them busy. What changes under its hands is no error: WAL repeats the change. Where a unit's bytes are is
 * stored when it is done, so a file of any size takes little memory.
 */
final class FileCopier {
    private static final long UNIT = 64L << 20;
    static final int FILE_MODE = 0600;

    /** A file on its way: its units end in any order. */
    private static final class Pending {
        private final DataDirectory.DataFile file;
        private final StretchCopier.@Nullable Copied[] units;
        private @Nullable FilePlan plan;
        private int left;

        Pending(DataDirectory.DataFile file, int units) {
            this.file = file;
            this.units = new StretchCopier.@Nullable Copied[units];
            this.left = units;
        }

        /** True for the one call that brings the last unit. */
        synchronized boolean done(int unit, Optional<StretchCopier.Copied> copied) {
            units[unit] = copied.orElse(null);
            return --left == 0;
        }
    }

    private record Unit(Pending pending, int number, long offset, long length) {}

    private final List<DataDirectory.DataFile> all;
    private final BackupWriter backup;
    private final Optional<Ancestor> ancestor;
    private final int blockSize;
    private final ReadMeter meter;
    private final StretchCopier.Shared shared;
    private final ConcurrentLinkedQueue<Unit> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private double cpuSeconds;
    private volatile boolean stopped;

    /** @param blockSize of the server's pages, in bytes */
    FileCopier(
            Path root,
            List<DataDirectory.DataFile> files,
            BackupWriter backup,
            Optional<Ancestor> ancestor,
            int blockSize,
            Optional<PageVerifier> verifier,
            Optional<KnownFrames> known,
            ReadMeter meter) {
        this.all = files;
        this.backup = backup;
        this.ancestor = ancestor;
        this.blockSize = blockSize;
        this.meter = meter;
        this.shared = new StretchCopier.Shared(root, backup, ancestor, verifier, known, meter, () -> stopped);
    }

    /** Bytes of the files, as the backup has them. */
    long rawBytes() {
        return stored.get();
    }

    long files() {
        return files.get();
    }

    double cpuSeconds() {
        return cpuSeconds;
    }

    /**
     * Copies everything.
     *
     * @throws PostgresException CANCELLED, FILE_UNREADABLE; whatever the store reports
     */
    void run(int workers) throws IOException {
        try {
            planAll();
            cpuSeconds = Workers.run(workers, "backup-copy", this::work, () -> stopped = true);
        } finally {
            stopped = true;
        }
    }

    private FilePlan plan(DataDirectory.DataFile file) {
        return ancestor.map(one -> FilePlan.of(file, one, blockSize)).orElseGet(FilePlan.Whole::new);
    }

    /** What has not changed is done with here; a plan is made again when its file's turn comes, so that none is held. */
    private void planAll() {
        long expected = 0;
        List<Unit> units = new ArrayList<>();
        for (DataDirectory.DataFile file : all) {
            meter.check();
            FilePlan plan = plan(file);
            if (plan instanceof FilePlan.Unchanged unchanged && isTakenOver(unchanged.ancestor())) {
                meter.reused(file.size());
                add(file, file.size(), unchanged.ancestor().maps());
                continue;
            }
            expected += FilePlan.cost(plan, file.size());
            int count = (int) Math.max(1, (file.size() + UNIT - 1) / UNIT);
            Pending pending = new Pending(file, count);
            for (int i = 0; i < count; i++) {
                units.add(new Unit(pending, i, i * UNIT, Math.min(UNIT, file.size() - i * UNIT)));
            }
        }
        meter.expect(expected);
        // The large ones first, so that no thread ends alone with one of them.
        units.sort(Comparator.comparingLong(Unit::length).reversed());
        queue.addAll(units);
    }

    /** As a whole, by its maps. What is damaged is seen, and got around, where it is read. */
    private boolean isTakenOver(Entry then) {
        try {
            return ancestor.orElseThrow().stays(then, 0, then.size());
        } catch (RepositoryException | ObjectMissingException e) {
            return false;
        }
    }

    private void work() {
        try (PackWriter pack = backup.pack()) {
            StretchCopier copier = new StretchCopier(shared, pack);
            for (Unit unit = queue.poll(); unit != null && !stopped; unit = queue.poll()) {
                Pending pending = unit.pending();
                FilePlan plan = planOf(pending);
                Optional<StretchCopier.Copied> copied =
                        copier.copy(pending.file, plan, unit.offset(), unit.offset() + unit.length());
                if (pending.done(unit.number(), copied) && !stopped) {
                    end(pending);
                }
            }
        }
    }

    private FilePlan planOf(Pending pending) {
        synchronized (pending) {
            FilePlan plan = pending.plan;
            if (plan == null) {
                plan = plan(pending.file);
                pending.plan = plan;
            }
            return plan;
        }
    }

    private void end(Pending pending) {
        List<MapRef> maps = new ArrayList<>();
        long size = 0;
        boolean there = false;
        for (int i = 0; i < pending.units.length; i++) {
            StretchCopier.Copied copied = pending.units[i];
            there |= copied != null;
            if (copied != null && copied.length() > 0) {
                // Cut off and grown again between two units: zeros in between, as PostgreSQL has it for new pages.
                if (size < i * UNIT) {
                    maps.add(backup.stretch(zeros(size, i * UNIT)));
                }
                maps.addAll(copied.maps());
                size = i * UNIT + copied.length();
            }
        }
        if (there) {
            add(pending.file, size, maps);
        }
    }

    private void add(DataDirectory.DataFile file, long size, List<MapRef> maps) {
        backup.fileOfMaps(Entry.file(EntryPath.of(file.path()), FILE_MODE, size), maps);
        files.incrementAndGet();
        stored.addAndGet(size);
    }

    private static List<Run> zeros(long from, long to) {
        List<Run> runs = new ArrayList<>();
        for (long at = from; at < to; at += Run.MAX_LENGTH) {
            runs.add(new Run.Zeros(at, (int) Math.min(Run.MAX_LENGTH, to - at)));
        }
        return runs;
    }
}
