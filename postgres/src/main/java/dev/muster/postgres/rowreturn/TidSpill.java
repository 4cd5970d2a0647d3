package dev.muster.postgres.rowreturn;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Row positions of one relation, kept in a file: a mass deletion has more of them than memory should hold. */
final class TidSpill implements AutoCloseable {
    private static final int BUFFER = 1 << 14;

    private final Path file;
    private @Nullable DataOutputStream output;
    private long count;

    TidSpill(Path file) {
        this.file = file;
    }

    void add(long tid) {
        try {
            if (output == null) {
                output = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER));
            }
            output.writeLong(tid);
            count++;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write row positions to " + file, e);
        }
    }

    long count() {
        return count;
    }

    /** Passes all positions on, in groups of at most {@code size}, each sorted. Nothing may be added any more. */
    void each(int size, Consumer<long[]> consumer) {
        close();
        if (count == 0) {
            return;
        }
        try (DataInputStream input = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
            for (long left = count; left > 0; ) {
                long[] group = new long[(int) Math.min(size, left)];
                for (int i = 0; i < group.length; i++) {
                    group[i] = input.readLong();
                }
                Arrays.sort(group);
                consumer.accept(group);
                left -= group.length;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read row positions from " + file, e);
        }
    }

    @Override
    public void close() {
        try {
            if (output != null) {
                output.close();
                output = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write row positions to " + file, e);
        }
    }
}
