package dev.muster.sources.chunks;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Run;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Stores content of any length frame by frame; what is known already, and zeros, are not stored. Holds two buffers and the
 * runs of one map at most. For one thread.
 */
public final class ContentStore implements AutoCloseable {
    private static final int BUFFER = 1 << 20;
    private static final int PAGE = 4 << 10;
    private static final byte[] ZEROS = new byte[PAGE];

    /** Gives content, as {@link java.io.InputStream#read(byte[], int, int)} does. */
    public interface Input {
        /** @return how many bytes; negative at the end */
        int read(byte[] bytes, int offset, int length) throws IOException;
    }

    private final BackupWriter backup;
    private final PackWriter pack;
    private final MessageDigest sha256 = Sha256.instance();
    private final byte[] buffer = new byte[BUFFER];
    private List<Run> runs = new ArrayList<>();
    private List<MapRef> maps = new ArrayList<>();
    private long position;
    private long known;

    public ContentStore(BackupWriter backup) {
        this.backup = backup;
        this.pack = backup.pack();
    }

    /** Reads to the end and stores. */
    public Content store(Input input, KnownFrames frames) throws IOException {
        runs = new ArrayList<>();
        maps = new ArrayList<>();
        position = 0;
        known = 0;
        frames.rewind();
        int held = 0;
        boolean more = true;
        while (more || held > 0) {
            while (more && held < buffer.length) {
                int read = input.read(buffer, held, buffer.length - held);
                more = read >= 0;
                held += Math.max(0, read);
            }
            int used = 0;
            while (held - used >= Chunker.MOST || (!more && used < held)) {
                used += next(used, held - used, frames);
            }
            System.arraycopy(buffer, used, buffer, 0, held - used);
            held -= used;
        }
        endMap();
        return new Content(position, maps, known);
    }

    private int next(int from, int available, KnownFrames frames) {
        int zeros = zeros(from, available);
        int length = zeros;
        if (zeros > 0) {
            add(new Run.Zeros(position, zeros));
        } else {
            length = Chunker.cut(buffer, from, untilHole(from, Math.min(available, Chunker.MOST)));
            sha256.update(buffer, from, length);
            ContentHash hash = ContentHash.of(sha256.digest());
            Optional<FrameRef> found = frames.find(position, hash);
            FrameRef ref = found.orElse(null);
            if (ref == null) {
                ref = pack.frame(buffer, from, length);
                frames.stored(ref);
            } else {
                known += length;
            }
            add(Run.of(position, ref));
        }
        position += length;
        return length;
    }

    /** Whole pages of zeros from here on, in bytes: what a hole reads as. */
    private int zeros(int from, int available) {
        int zeros = 0;
        while (zeros + PAGE <= available && isZeroPage(from + zeros)) {
            zeros += PAGE;
        }
        return zeros;
    }

    /** A hole must not be filled by the frame before it. */
    private int untilHole(int from, int available) {
        int toPage = (int) ((PAGE - position % PAGE) % PAGE);
        for (int at = toPage; at + PAGE <= available; at += PAGE) {
            if (at > 0 && isZeroPage(from + at)) {
                return at;
            }
        }
        return available;
    }

    private boolean isZeroPage(int at) {
        return buffer[at] == 0 && Arrays.equals(buffer, at, at + PAGE, ZEROS, 0, PAGE);
    }

    private void add(Run run) {
        int last = runs.size() - 1;
        if (run instanceof Run.Zeros zeros
                && last >= 0
                && runs.get(last) instanceof Run.Zeros before
                && before.length() <= Run.MAX_LENGTH - zeros.length()) {
            runs.set(last, new Run.Zeros(before.offset(), before.length() + zeros.length()));
            return;
        }
        if (runs.size() == BackupWriter.MAX_RUNS_OF_MAP) {
            endMap();
        }
        runs.add(run);
    }

    private void endMap() {
        if (!runs.isEmpty()) {
            maps.add(backup.stretch(runs));
            runs = new ArrayList<>();
        }
    }

    /** Makes what is still open durable; the backup cannot be committed before. */
    @Override
    public void close() {
        pack.close();
    }
}
