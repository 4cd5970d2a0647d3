package dev.muster.postgres.backup;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.Workers;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Run;
import dev.muster.repository.frames.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies files of a running cluster into a backup with several threads, in units of 64 MiB, so that one large relation
 * keeps all of them busy. What changes under its hands is no error: WAL repeats the change.
 */
final class FileCopier {
    private static final long UNIT = 64L << 20;
    private static final int CHUNK = 1 << 20;
    static final int FILE_MODE = 0600;

    /** A file on its way: its units end in any order. */
    private static final class Pending {
        private final DataDirectory.DataFile file;
        private final List<Optional<Copied>> units;
        private int left;

        Pending(DataDirectory.DataFile file, int units) {
            this.file = file;
            this.units = new ArrayList<>(java.util.Collections.nCopies(units, Optional.empty()));
            this.left = units;
        }

        /** True for the one call that brings the last unit. */
        synchronized boolean done(int unit, Optional<Copied> copied) {
            units.set(unit, copied);
            return --left == 0;
        }
    }

    /** What was read of a unit: fewer bytes than planned if the file was cut off meanwhile. */
    private record Copied(List<Run> runs, long length) {}

    private record Unit(Pending pending, int number, long offset, long length) {}

    private final Path root;
    private final BackupWriter backup;
    private final Optional<PageVerifier> verifier;
    private final Progress progress;
    private final ConcurrentLinkedQueue<Unit> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong stored = new AtomicLong();
    private final long total;
    private double cpuSeconds;
    private volatile boolean stopped;

    FileCopier(
            Path root,
            List<DataDirectory.DataFile> files,
            BackupWriter backup,
            Optional<PageVerifier> verifier,
            Progress progress) {
        this.root = root;
        this.backup = backup;
        this.verifier = verifier;
        this.progress = progress;
        this.total = files.stream().mapToLong(DataDirectory.DataFile::size).sum();
        List<Unit> units = new ArrayList<>();
        for (DataDirectory.DataFile file : files) {
            int count = (int) Math.max(1, (file.size() + UNIT - 1) / UNIT);
            Pending pending = new Pending(file, count);
            for (int i = 0; i < count; i++) {
                units.add(new Unit(pending, i, i * UNIT, Math.min(UNIT, file.size() - i * UNIT)));
            }
        }
        // The large ones first, so that no thread ends alone with one of them.
        units.sort(Comparator.comparingLong(Unit::length).reversed());
        queue.addAll(units);
    }

    /** Bytes read so far. */
    long bytes() {
        return done.get();
    }

    /** Bytes of the files as they were stored. */
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
            cpuSeconds = Workers.run(workers, "backup-copy", this::work, () -> stopped = true);
        } finally {
            stopped = true;
        }
    }

    private void work() {
        try (PackWriter pack = backup.pack()) {
            byte[] buffer = new byte[CHUNK];
            for (Unit unit = queue.poll(); unit != null && !stopped; unit = queue.poll()) {
                Optional<Copied> copied = copy(unit, pack, buffer);
                if (unit.pending().done(unit.number(), copied)) {
                    add(unit.pending());
                }
            }
        }
    }

    /** Empty if the file is gone. */
    private Optional<Copied> copy(Unit unit, PackWriter pack, byte[] buffer) {
        DataDirectory.DataFile file = unit.pending().file;
        Path path = root.resolve(file.path());
        List<Run> runs = new ArrayList<>();
        long position = unit.offset();
        long end = unit.offset() + unit.length();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (position < end) {
                if (stopped) {
                    return Optional.empty();
                }
                progress.check("The backup");
                int read = read(channel, buffer, position, (int) Math.min(CHUNK, end - position));
                if (read == 0) {
                    break;
                }
                if (verifier.isPresent() && file.blocks().isPresent()) {
                    verifier.get()
                            .verify(
                                    file.path(),
                                    channel,
                                    buffer,
                                    read,
                                    position,
                                    file.blocks().get());
                }
                for (int at = 0; at < read; at += Frame.MAX_RAW) {
                    runs.add(pack.run(position + at, buffer, at, Math.min(Frame.MAX_RAW, read - at)));
                }
                position += read;
                progress.advanced(done.addAndGet(read), total);
            }
            return Optional.of(new Copied(runs, position - unit.offset()));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PostgresException(
                    "FILE_UNREADABLE",
                    "Cannot read " + path + " at byte " + position + ": " + e.getMessage(),
                    "Look for disk errors in the kernel's log, and whether this worker may read the file.",
                    e);
        }
    }

    private static int read(FileChannel channel, byte[] buffer, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, length);
        while (target.hasRemaining() && channel.read(target, position + target.position()) > 0) {
            // until the chunk is full, or the file ends
        }
        return target.position();
    }

    private void add(Pending pending) {
        if (stopped || pending.units.stream().allMatch(Optional::isEmpty)) {
            return;
        }
        List<Run> runs = new ArrayList<>();
        long size = 0;
        for (int i = 0; i < pending.units.size(); i++) {
            Optional<Copied> copied = pending.units.get(i);
            if (copied.isPresent() && copied.get().length() > 0) {
                // Cut off and grown again between two units: zeros in between, as PostgreSQL has it for new pages.
                zeros(runs, size, i * UNIT);
                runs.addAll(copied.get().runs());
                size = i * UNIT + copied.get().length();
            }
        }
        backup.fileOfRuns(Entry.file(EntryPath.of(pending.file.path()), FILE_MODE, size), runs);
        files.incrementAndGet();
        stored.addAndGet(size);
    }

    private static void zeros(List<Run> runs, long from, long to) {
        for (long at = from; at < to; at += Run.MAX_LENGTH) {
            runs.add(new Run.Zeros(at, (int) Math.min(Run.MAX_LENGTH, to - at)));
        }
    }
}
