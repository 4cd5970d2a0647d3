package dev.muster.storage.testing;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A real store behind a network and a server that fail as a rule says. */
public final class FaultyStore extends StoreWrapper {
    /** What goes wrong with one request. */
    public enum Fault {
        /** Nothing. */
        NONE,
        /** It is not carried out: the server answers 500, or no connection comes about. */
        UNREACHABLE,
        /** It is not carried out: the server answers 503 Slow Down. */
        THROTTLED,
        /** It is carried out, and then its answer is lost, as at a time-out. */
        LOST_REPLY,
        /** The answer begins and breaks off in its middle; of a change, as if its answer were lost. */
        CUT
    }

    /** Decides for each request. */
    public interface Rule {
        /** @param operation create, write, commit, open, find, list or delete */
        Fault of(String operation, String key);
    }

    private final Rule rule;
    private final AtomicInteger faults = new AtomicInteger();

    public FaultyStore(ObjectStore store, Rule rule) {
        super(store);
        this.rule = rule;
    }

    /**
     * Any fault that a caller who repeats can live with, by chance. Contents are not touched while they are written, and
     * a commit that fails was carried out, since nobody but the caller has what would be repeated.
     *
     * @param share of requests, 0 to 1
     * @param inARow at most, so that whoever repeats often enough gets through
     */
    public static Rule random(long seed, double share, int inARow) {
        Random random = new Random(seed);
        AtomicInteger row = new AtomicInteger();
        return (operation, key) -> {
            synchronized (random) {
                if (operation.equals("write") || random.nextDouble() >= share || row.get() >= inARow) {
                    row.set(0);
                    return Fault.NONE;
                }
                row.incrementAndGet();
                return operation.equals("commit")
                        ? Fault.LOST_REPLY
                        : Fault.values()[1 + random.nextInt(Fault.values().length - 1)];
            }
        };
    }

    /** How many there were. */
    public int faults() {
        return faults.get();
    }

    private Fault fault(String operation, String key) {
        Fault fault = rule.of(operation, key);
        if (fault != Fault.NONE) {
            faults.incrementAndGet();
        }
        switch (fault) {
            case UNREACHABLE ->
                throw new StoreException("STORE_UNREACHABLE", operation + " " + key + ": 500 InternalError", "A test.");
            case THROTTLED ->
                throw new StoreException("STORE_THROTTLED", operation + " " + key + ": 503 SlowDown", "A test.");
            case NONE, LOST_REPLY, CUT -> {
                return fault;
            }
        }
        throw new IllegalStateException("Every fault has its case");
    }

    private void change(String operation, String key, Runnable action) {
        Fault fault = fault(operation, key);
        action.run();
        if (fault != Fault.NONE) {
            throw new StoreException(
                    "STORE_UNREACHABLE", operation + " " + key + ": Read timed out after the fact", "A test.");
        }
    }

    @Override
    public ObjectWriter create(String key) {
        return faulty(key, store.create(key));
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return faulty(key, store.create(key, retention));
    }

    private ObjectWriter faulty(String key, ObjectWriter writer) {
        try {
            change("create", key, () -> {});
            return new Writer(key, writer);
        } catch (StoreException e) {
            writer.close();
            throw e;
        }
    }

    @Override
    public InputStream open(String key) {
        long size = store.find(key).map(ObjectInfo::size).orElse(0L);
        return read(key, size, store.open(key));
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return read(key, length, store.open(key, offset, length));
    }

    private InputStream read(String key, long length, InputStream stream) {
        try {
            return switch (fault("open", key)) {
                case CUT -> new CutStream(stream, length / 2);
                case LOST_REPLY ->
                    throw new StoreException("STORE_UNREACHABLE", "open " + key + ": Read timed out", "A test.");
                default -> stream;
            };
        } catch (StoreException e) {
            try (stream) {
                throw e;
            } catch (IOException closing) {
                e.addSuppressed(closing);
                throw e;
            }
        }
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        Optional<ObjectInfo> found = store.find(key);
        change("find", key, () -> {});
        return found;
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        List<ObjectInfo> found = new ArrayList<>();
        store.list(prefix, found::add);
        Fault fault = fault("list", prefix);
        if (fault == Fault.CUT) {
            found.subList(0, found.size() / 2).forEach(each);
        }
        if (fault != Fault.NONE) {
            throw new StoreException("STORE_UNREACHABLE", "list " + prefix + ": Connection reset", "A test.");
        }
        found.forEach(each);
    }

    @Override
    public void delete(String key) {
        change("delete", key, () -> store.delete(key));
    }

    private final class Writer implements ObjectWriter {
        private final String key;
        private final ObjectWriter writer;

        Writer(String key, ObjectWriter writer) {
            this.key = key;
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            change("write", key, () -> writer.write(bytes, offset, length));
        }

        @Override
        public void commit() {
            change("commit", key, writer::commit);
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    /** Breaks off after so many bytes. */
    private static final class CutStream extends FilterInputStream {
        private long left;

        CutStream(InputStream stream, long left) {
            super(stream);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left <= 0 && length > 0) {
                throw new IOException("Connection reset");
            }
            int read = super.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(read, 0);
            return read;
        }
    }
}
