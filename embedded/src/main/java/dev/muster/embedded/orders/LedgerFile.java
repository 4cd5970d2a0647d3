package dev.muster.embedded.orders;

import dev.muster.embedded.EmbeddedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger's file, appended to. A line is with the operating system when {@link #append} returns (it survives the
 * death of this process) and on the disk at most 100 ms later.
 */
final class LedgerFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerFile.class);
    private static final long FORCE_MILLIS = 100;

    private final Path file;
    private final FileChannel channel;
    private final AtomicBoolean dirty = new AtomicBoolean();
    private final ScheduledExecutorService forcing = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "ledger-force");
        thread.setDaemon(true);
        return thread;
    });

    private final ScheduledFuture<?> forcingTask;

    private LedgerFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
        forcingTask = forcing.scheduleAtFixedRate(this::force, FORCE_MILLIS, FORCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Creates the file with its first line. It must not exist. */
    static void create(Path file, LedgerLine.Base base) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            write(channel, base);
            channel.force(true);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Opens an existing file to go on with it. A last line that was cut short by a crash is removed: it counted for nothing. */
    static LedgerFile open(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel.truncate(Ledger.wholeLines(channel));
            channel.position(channel.size());
            return new LedgerFile(file, channel);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Not for several threads. */
    void append(LedgerLine line) {
        try {
            write(channel, line);
            dirty.set(true);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static void write(FileChannel channel, LedgerLine line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((LedgerFormat.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private synchronized void force() {
        if (channel.isOpen() && dirty.getAndSet(false)) {
            try {
                channel.force(false);
            } catch (IOException e) {
                dirty.set(true);
                LOG.error("The ledger {} cannot be forced to the disk", file, e);
            }
        }
    }

    @Override
    public synchronized void close() {
        forcingTask.cancel(false);
        forcing.shutdown();
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static EmbeddedException unwritable(Path file, IOException e) {
        return new EmbeddedException(
                "LEDGER_UNWRITABLE", "Cannot write " + file + ": " + e.getMessage(), "Is there space on the disk?", e);
    }
}
