package dev.muster.repository;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import dev.muster.repository.encryption.WarmUp;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FrameEncoder;
import dev.muster.repository.frames.FramedWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames into packs of a backup and begins a new pack when one is full. For one thread; a backup has as many of
 * these as threads that read. Its backup cannot be committed before it is closed.
 */
public final class PackWriter implements AutoCloseable {
    /** Bounds the index of a pack of tiny frames. */
    private static final int MAX_FRAMES = 1 << 14;

    /** 8 MiB: a small increment is done before the warm-up would be. */
    private static final int FRAMES_BEFORE_WARM_UP = 64;

    private static final byte[] ZEROS = new byte[Frame.MAX_RAW];

    private final BackupWriter backup;
    private final FrameEncoder encoder;
    private final SegmentCipher cipher = new SegmentCipher();
    private @Nullable FramedWriter pack;
    private int number;
    private int framesHere;
    private boolean failed;
    private boolean closed;

    PackWriter(BackupWriter backup) {
        this.backup = backup;
        this.encoder = new FrameEncoder(backup.request().level());
    }

    /**
     * Stores one frame. It is durable when its pack is: at the latest after {@link #close()}.
     *
     * @param length in bytes, 1 to {@link Frame#MAX_RAW}
     */
    public FrameRef frame(byte[] raw, int offset, int length) {
        if (closed || failed) {
            throw new IllegalStateException("This writer of packs was closed or has failed before");
        }
        if (++framesHere == FRAMES_BEFORE_WARM_UP) {
            WarmUp.encryption();
        }
        failed = true;
        FramedWriter current = pack;
        if (current == null) {
            number = backup.nextPack();
            current = backup.framed().create(ObjectType.PACK, backup.packKey(number), encoder, cipher);
            pack = current;
        }
        FrameRef ref = new FrameRef(backup.id(), number, current.frame(raw, offset, length));
        if (current.plainSize() >= backup.request().packSize() || current.frames() >= MAX_FRAMES) {
            finish(current);
        }
        failed = false;
        return ref;
    }

    /** Stores one frame, or nothing if all bytes are zero. */
    public Run run(long fileOffset, byte[] raw, int offset, int length) {
        if (length <= ZEROS.length && Arrays.equals(raw, offset, offset + length, ZEROS, 0, length)) {
            return new Run.Zeros(fileOffset, length);
        }
        return Run.of(fileOffset, frame(raw, offset, length));
    }

    /** Makes the last pack durable. After a failure before, gives it up instead; the backup cannot be committed then. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean complete = false;
        FramedWriter current = pack;
        try (encoder) {
            if (current != null && failed) {
                current.close();
            } else if (current != null) {
                finish(current);
            }
            complete = !failed;
        } finally {
            backup.packWriterClosed(complete);
        }
    }

    private void finish(FramedWriter current) {
        try (current) {
            backup.objectStored(current.commit());
        } finally {
            pack = null;
        }
    }
}
