package dev.muster.sources.entries;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.sources.SourceException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Entries of a backup, found by path. They lie in a temporary file that has no name any more and is its owner's only; on
 * the heap are 16 bytes and a bit for each of twice as many places as there are entries: 33 MB for a million. For one
 * thread.
 */
public final class EntryIndex implements AutoCloseable {
    private static final int FIRST_TABLE = 1 << 10;

    private final FileChannel file;
    private long[] hashes = new long[FIRST_TABLE];
    /** Where the entry begins in the file, plus one; 0 for a free place. */
    private long[] offsets = new long[FIRST_TABLE];

    private final BitSet seen = new BitSet();
    private int entries;

    private EntryIndex(FileChannel file) {
        this.file = file;
    }

    /** Reads a whole manifest. */
    public static EntryIndex of(BackupReader reader) {
        FileChannel file;
        try {
            Path path = Files.createTempFile("muster-entries-", ".tmp");
            file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw unusable(e);
        }
        EntryIndex index = new EntryIndex(file);
        boolean complete = false;
        try (OutputStream stream = new BufferedOutputStream(new Uncloseable(Channels.newOutputStream(file)), 1 << 18);
                DataOutputStream out = new DataOutputStream(stream)) {
            long[] at = {0};
            reader.entries(entry -> at[0] += index.add(entry, out, at[0]));
            complete = true;
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            if (!complete) {
                index.close();
            }
        }
        return index;
    }

    private long add(Entry entry, DataOutputStream out, long at) {
        try {
            byte[] bytes = EntryBytes.write(entry);
            out.writeInt(bytes.length);
            out.write(bytes);
            if ((entries + 1) * 2L > hashes.length) {
                grow();
            }
            put(hash(entry.path()), at + 1);
            entries++;
            return Integer.BYTES + (long) bytes.length;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private void grow() {
        long[] oldHashes = hashes;
        long[] oldOffsets = offsets;
        hashes = new long[oldHashes.length * 2];
        offsets = new long[oldOffsets.length * 2];
        for (int i = 0; i < oldOffsets.length; i++) {
            if (oldOffsets[i] != 0) {
                put(oldHashes[i], oldOffsets[i]);
            }
        }
    }

    private void put(long hash, long offset) {
        int place = place(hash);
        while (offsets[place] != 0) {
            place = (place + 1) & (offsets.length - 1);
        }
        hashes[place] = hash;
        offsets[place] = offset;
    }

    private int place(long hash) {
        return (int) hash & (offsets.length - 1);
    }

    private static long hash(EntryPath path) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : path.bytes()) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 32)) * 0x9E3779B97F4A7C15L;
        return hash ^ (hash >>> 29);
    }

    public int size() {
        return entries;
    }

    /** The entry of a path, which is marked as seen. */
    public Optional<Entry> find(EntryPath path) {
        long hash = hash(path);
        for (int place = place(hash); offsets[place] != 0; place = (place + 1) & (offsets.length - 1)) {
            if (hashes[place] == hash) {
                Entry entry = read(offsets[place] - 1);
                if (entry.path().equals(path)) {
                    seen.set(place);
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }

    /** Tells of every entry that was never found. */
    public void unseen(Consumer<Entry> each) {
        for (int place = 0; place < offsets.length; place++) {
            if (offsets[place] != 0 && !seen.get(place)) {
                each.accept(read(offsets[place] - 1));
            }
        }
    }

    private Entry read(long offset) {
        try {
            ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
            fill(length, offset);
            ByteBuffer bytes = ByteBuffer.allocate(length.getInt(0));
            fill(bytes, offset + Integer.BYTES);
            return EntryBytes.read(bytes.array());
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private void fill(ByteBuffer buffer, long offset) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) {
                throw new IOException("the temporary file ends early");
            }
        }
    }

    private static SourceException unusable(IOException e) {
        return new SourceException(
                "TEMPORARY_FILE_FAILED",
                "The temporary file for a backup's list of files cannot be used: " + e.getMessage(),
                "Is there space in " + System.getProperty("java.io.tmpdir") + "? Some 300 bytes for each file are"
                        + " needed; -Djava.io.tmpdir names another folder.",
                e);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw unusable(e);
        } finally {
            Arrays.fill(offsets, 0);
        }
    }

    /** The buffer in front of the file ends, the file stays open. */
    private static final class Uncloseable extends java.io.FilterOutputStream {
        Uncloseable(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
