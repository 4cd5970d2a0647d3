package dev.muster.repository;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FrameEncoder;
import dev.muster.repository.frames.FramedWriter;
import dev.muster.repository.frames.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * Writes file maps one after the other into map objects, in frames of full size, so that a reader finds a map's frames
 * by dividing. For one thread at a time.
 */
final class MapWriter implements AutoCloseable {
    /** Of raw bytes in one map object. */
    private static final long OBJECT_SIZE = 64 << 20;

    private static final int MAX_OBJECTS = 1 << 16;

    private final BackupWriter backup;
    private final FrameEncoder encoder = new FrameEncoder(BackupRequest.DEFAULT_LEVEL);
    private final SegmentCipher cipher = new SegmentCipher();
    private final byte[] pending = new byte[Frame.MAX_RAW];
    private @Nullable FramedWriter object;
    private int number = -1;
    private int held;
    private long position;

    MapWriter(BackupWriter backup) {
        this.backup = backup;
    }

    /** @param covered how many bytes of the file the map is for, from its first */
    MapRef write(byte[] map, long from, long covered) {
        FramedWriter current = object;
        if (current == null) {
            number++;
            if (number == MAX_OBJECTS) {
                throw new RepositoryException(
                        "BACKUP_TOO_LARGE",
                        "The backup " + backup.id() + " needs more than " + MAX_OBJECTS + " map objects.",
                        "Back up its parts as several sources.");
            }
            position = 0;
            current = backup.framed().create(ObjectType.MAP, backup.mapKey(number), encoder, cipher);
            object = current;
        }
        ContentHash hash = Sha256.hash(map);
        MapRef ref = new MapRef(backup.id(), number, position, map.length, hash, from, covered);
        for (int done = 0; done < map.length; ) {
            int taken = Math.min(map.length - done, pending.length - held);
            System.arraycopy(map, done, pending, held, taken);
            done += taken;
            held += taken;
            if (held == pending.length) {
                flush(current);
            }
        }
        position += map.length;
        if (position >= OBJECT_SIZE) {
            finish();
        }
        return ref;
    }

    /** Makes the last map object durable. */
    void finish() {
        FramedWriter current = object;
        if (current == null) {
            return;
        }
        try (current) {
            flush(current);
            backup.objectStored(current.commit());
        } finally {
            object = null;
        }
    }

    /** Gives up what was not finished. */
    @Override
    public void close() {
        try (encoder) {
            if (object != null) {
                object.close();
            }
        }
    }

    private void flush(FramedWriter current) {
        if (held > 0) {
            current.frame(pending, 0, held);
            held = 0;
        }
    }
}
