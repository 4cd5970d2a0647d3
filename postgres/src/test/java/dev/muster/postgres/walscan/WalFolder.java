package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.WalBytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** WAL read from the files of a pg_wal folder. */
public final class WalFolder implements WalBytes {
    private final Path folder;
    private final int segmentSize;

    public WalFolder(Path folder, int segmentSize) {
        this.folder = folder;
        this.segmentSize = segmentSize;
    }

    /** Of a test cluster, whose segments have 1 MiB. */
    public static WalFolder of(SourceCluster cluster) {
        return new WalFolder(cluster.data().resolve("pg_wal"), 1 << 20);
    }

    @Override
    public int timeline() {
        return 1;
    }

    @Override
    public int segmentSize() {
        return segmentSize;
    }

    public Path segment(Lsn position) {
        long perId = 0x100000000L / segmentSize;
        long number = position.value() / segmentSize;
        return folder.resolve(String.format(Locale.ROOT, "%08X%08X%08X", 1, number / perId, number % perId));
    }

    @Override
    public int read(Lsn position, byte[] buffer, int offset, int length) {
        Path file = segment(position);
        if (!Files.exists(file)) {
            return 0;
        }
        try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
            input.seek(position.value() % segmentSize);
            return Math.max(0, input.read(buffer, offset, length));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {}
}
