package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.checks.PageChecksum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Checks the pages of relation files while they are copied (SAFETY "PostgreSQL recovery" 8). A page that the server is
 * just writing is read torn: it is read again; and one that was changed after the backup's start is repaired by the
 * WAL, whatever it looks like now. Thread-safe.
 */
final class PageVerifier {
    private static final int READINGS = 5;
    private static final long BETWEEN_READINGS = 10_000_000;
    /** Bounds what is remembered of a cluster that is damaged all over. */
    private static final int REMEMBERED = 100_000;

    /**
     * A page whose checksum is wrong.
     *
     * @param lsn its last change, as the page itself has it
     */
    private record Suspect(String path, long block, Lsn lsn) {}

    private final int blockSize;
    private final Lsn start;
    private final List<Suspect> bad = new ArrayList<>();
    private final List<Suspect> changed = new ArrayList<>();

    /** @param start where replay of the backup starts: pages with later changes are in the WAL in full */
    PageVerifier(int blockSize, Lsn start) {
        this.blockSize = blockSize;
        this.start = start;
    }

    /**
     * Checks the whole pages in a buffer; a page that was read again is put in its place. A tail shorter than a page is
     * not an error.
     *
     * @param fileOffset of the buffer's first byte in the file, a multiple of the block size
     * @param firstBlock number in the relation of the file's first block
     */
    void verify(String path, FileChannel file, byte[] buffer, int length, long fileOffset, long firstBlock)
            throws IOException {
        for (int at = 0; at + blockSize <= length; at += blockSize) {
            long inFile = fileOffset + at;
            long block = firstBlock + inFile / blockSize;
            if (!PageChecksum.isValid(buffer, at, blockSize, block)) {
                readAgain(path, file, buffer, at, inFile, block);
            }
        }
    }

    private void readAgain(String path, FileChannel file, byte[] buffer, int at, long inFile, long block)
            throws IOException {
        for (int reading = 1; reading < READINGS && !lsn(buffer, at).isAfter(start); reading++) {
            LockSupport.parkNanos(BETWEEN_READINGS);
            ByteBuffer page = ByteBuffer.wrap(buffer, at, blockSize);
            byte[] before = java.util.Arrays.copyOfRange(buffer, at, at + blockSize);
            while (page.hasRemaining() && file.read(page, inFile + page.position() - at) > 0) {
                // until the page is whole, or the file has been cut off before it
            }
            if (page.hasRemaining()) {
                // Cut off since: WAL repeats that. What was read first stays.
                System.arraycopy(before, 0, buffer, at, blockSize);
                return;
            }
            if (PageChecksum.isValid(buffer, at, blockSize, block)) {
                return;
            }
        }
        Suspect suspect = new Suspect(path, block, lsn(buffer, at));
        synchronized (this) {
            List<Suspect> list = suspect.lsn().isAfter(start) ? changed : bad;
            if (list.size() < REMEMBERED) {
                list.add(suspect);
            }
        }
    }

    private static Lsn lsn(byte[] buffer, int at) {
        ByteBuffer page = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
        return new Lsn((page.getInt(at) & 0xFFFFFFFFL) << 32 | (page.getInt(at + 4) & 0xFFFFFFFFL));
    }

    /**
     * The pages that are wrong on the source, as {@code path:block}.
     *
     * @param stop the end of the backup: no page can have been changed later, so one that says so is damaged
     */
    synchronized List<String> badPages(Lsn stop) {
        List<Suspect> all = new ArrayList<>(bad);
        changed.stream().filter(suspect -> suspect.lsn().isAfter(stop)).forEach(all::add);
        return all.stream()
                .map(suspect -> suspect.path() + ":" + suspect.block())
                .sorted()
                .toList();
    }
}
