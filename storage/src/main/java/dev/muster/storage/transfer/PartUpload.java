package dev.muster.storage.transfer;

import dev.muster.storage.StoreException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what is written into parts of one size and sends them while the next one is filled. It holds at most one part
 * more than are under way. The last part is not sent but handed over, since a store commits with it. For one thread.
 */
public final class PartUpload implements AutoCloseable {
    private static final int FIRST_BUFFER = 64 << 10;

    /** For all uploads of the process; each upload bounds its own share. */
    private static final ExecutorService SENDERS =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread thread = new Thread(task, "store-upload");
                thread.setDaemon(true);
                return thread;
            });

    private final int partSize;
    private final int underWay;
    private final Sender sender;
    private final Semaphore permits;
    private final BlockingQueue<byte[]> spare = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private byte[] buffer = new byte[0];
    private int filled;
    private int sent;

    /** Stores one part, or throws {@link StoreException}. */
    public interface Sender {
        /** @param number from 0; with one part under way they come in order */
        void send(int number, byte[] bytes, int length);
    }

    /** @param underWay how many parts are sent at a time, at least 1 */
    public PartUpload(int partSize, int underWay, Sender sender) {
        if (partSize < 1 || underWay < 1) {
            throw new IllegalArgumentException("Not parts: " + partSize + " bytes, " + underWay + " at a time");
        }
        this.partSize = partSize;
        this.underWay = underWay;
        this.sender = sender;
        this.permits = new Semaphore(underWay);
    }

    /** @throws StoreException what happened to a part before */
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == partSize) {
                sendPart();
            }
            int taken = Math.min(left, partSize - filled);
            makeRoom(filled + taken);
            System.arraycopy(bytes, from, buffer, filled, taken);
            filled += taken;
            from += taken;
            left -= taken;
        }
    }

    /** Most objects are far smaller than a part. */
    private void makeRoom(int size) {
        if (size > buffer.length) {
            long larger = Math.max(Math.max(size, FIRST_BUFFER), 2L * buffer.length);
            // From a quarter on at once to the whole: each step copies, and needs room for both.
            buffer = Arrays.copyOf(buffer, larger > partSize / 4 ? partSize : (int) larger);
        }
    }

    private void sendPart() {
        acquire(1);
        if (failure.get() != null) {
            // A caller may still call finish(), which waits for all permits.
            permits.release();
            requireWhole();
        }
        int number = sent++;
        byte[] part = buffer;
        int length = filled;
        SENDERS.execute(() -> {
            try {
                if (failure.get() == null) {
                    sender.send(number, part, length);
                }
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            } finally {
                spare.add(part);
                permits.release();
            }
        });
        byte[] next = spare.poll();
        buffer = next == null ? new byte[0] : next;
        filled = 0;
    }

    /** How many parts were sent; 0 means that the last part is the whole. */
    public int sent() {
        return sent;
    }

    /**
     * Waits until all parts sent are stored. What remains is the last one, with at least one byte if any was written.
     *
     * @throws StoreException what happened to one of them
     */
    public void finish() {
        acquire(underWay);
        permits.release(underWay);
        // Nothing is filled any more, and whoever commits may need the room.
        spare.clear();
        requireWhole();
    }

    /** The last part, and perhaps more behind it: {@link #lastLength()} bytes count. */
    public byte[] last() {
        return buffer;
    }

    public int lastLength() {
        return filled;
    }

    private void acquire(int count) {
        try {
            permits.acquire(count);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(
                    "STORE_UNREACHABLE",
                    "An upload was interrupted, by a cancellation or an end of the program.",
                    "Nothing is wrong with the store. Do it again if it is still wanted.",
                    e);
        }
    }

    private void requireWhole() {
        Throwable first = failure.get();
        if (first instanceof StoreException trouble) {
            throw trouble;
        }
        if (first != null) {
            throw new IllegalStateException("A part could not be sent", first);
        }
    }

    /** What is under way ends by itself; nothing more is sent. */
    @Override
    public void close() {
        failure.compareAndSet(null, new IllegalStateException("The upload was given up"));
        buffer = new byte[0];
        filled = 0;
    }
}
