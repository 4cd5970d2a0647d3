package dev.muster.storage.metrics;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Counts as {@code muster_store_*}: operations by kind and outcome with their time, bytes by direction, repetitions.
 * Every counter is there from the beginning, at 0, so that its first increase is seen.
 */
public final class MeteredStore extends StoreWrapper {
    private static final List<String> OPERATIONS = List.of("create", "commit", "open", "find", "list", "delete");
    private static final List<String> OUTCOMES = List.of("ok", "refused", "error");

    private final MeterRegistry registry;
    private final String name;
    private final Counter uploaded;
    private final Counter downloaded;

    /** @param name of the store among others; goes into every counter's tag {@code store} */
    public MeteredStore(ObjectStore store, MeterRegistry registry, String name) {
        super(store);
        this.registry = registry;
        this.name = name;
        this.uploaded = bytes("up");
        this.downloaded = bytes("down");
        for (String operation : OPERATIONS) {
            OUTCOMES.forEach(outcome -> timer(operation, outcome));
        }
    }

    /** What counts repetitions of requests to a store; for its retries. */
    public static Consumer<StoreException> repetitions(MeterRegistry registry, String name) {
        Counter unreachable = repetitions(registry, name, "STORE_UNREACHABLE");
        Counter throttled = repetitions(registry, name, "STORE_THROTTLED");
        return failure -> (failure.code().equals("STORE_THROTTLED") ? throttled : unreachable).increment();
    }

    private static Counter repetitions(MeterRegistry registry, String name, String code) {
        return Counter.builder("muster.store.retries")
                .description("Requests to a store that were tried again, by the error before")
                .tags("store", name, "code", code)
                .register(registry);
    }

    private Counter bytes(String direction) {
        return Counter.builder("muster.store.bytes")
                .description("Content that went to a store and came from it")
                .baseUnit("bytes")
                .tags("store", name, "direction", direction)
                .register(registry);
    }

    private Timer timer(String operation, String outcome) {
        return Timer.builder("muster.store.operations")
                .description(
                        "What was asked of a store, how it ended and how long it took; reads until their first byte")
                .tags(Tags.of("store", name, "operation", operation, "outcome", outcome))
                .register(registry);
    }

    private <T> T timed(String operation, Supplier<T> action) {
        Timer.Sample sample = Timer.start(registry);
        String outcome = "error";
        try {
            T result = action.get();
            outcome = "ok";
            return result;
        } catch (ObjectExistsException | ObjectMissingException e) {
            outcome = "refused";
            throw e;
        } finally {
            sample.stop(timer(operation, outcome));
        }
    }

    private void timed(String operation, Runnable action) {
        timed(operation, () -> {
            action.run();
            return operation;
        });
    }

    @Override
    public ObjectWriter create(String key) {
        return new Writer(timed("create", () -> store.create(key)));
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return new Writer(timed("create", () -> store.create(key, retention)));
    }

    @Override
    public InputStream open(String key) {
        return new Reader(timed("open", () -> store.open(key)), downloaded);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return new Reader(timed("open", () -> store.open(key, offset, length)), downloaded);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return timed("find", () -> store.find(key));
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        timed("list", () -> store.list(prefix, each));
    }

    @Override
    public void delete(String key) {
        timed("delete", () -> store.delete(key));
    }

    private final class Writer implements ObjectWriter {
        private final ObjectWriter writer;

        Writer(ObjectWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            writer.write(bytes, offset, length);
            uploaded.increment(length);
        }

        @Override
        public void commit() {
            timed("commit", writer::commit);
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    private static final class Reader extends FilterInputStream {
        private final Counter bytes;

        Reader(InputStream stream, Counter bytes) {
            super(stream);
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                bytes.increment();
            }
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                bytes.increment(read);
            }
            return read;
        }
    }
}
