package dev.muster.cli.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Server-sent events of one connection. A connection that is silent for longer than its heartbeats counts as broken. */
public final class EventStream implements AutoCloseable {
    private static final int LONGEST_LINE = 4 * 1024 * 1024;

    /**
     * An event.
     *
     * @param id to go on after it on another connection; empty if it has none
     */
    public record Event(String id, String type, String data) {}

    private record Piece(ByteBuffer bytes, @Nullable Throwable error, boolean last) {}

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Deque<Event> ready = new ArrayDeque<>();
    private final StringBuilder data = new StringBuilder();
    private final Receiver receiver = new Receiver();
    private String id = "";
    private String type = "";

    EventStream(Flow.Publisher<List<ByteBuffer>> body) {
        body.subscribe(receiver);
    }

    /**
     * The next event; empty when the other side ended the stream.
     *
     * @param patience how long nothing at all may come, not even a heartbeat
     * @throws IOException if the connection broke, or was silent for too long
     */
    public Optional<Event> next(Duration patience) throws IOException, InterruptedException {
        while (ready.isEmpty()) {
            Piece piece = pieces.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (piece == null) {
                throw new IOException("Silent for " + patience.toSeconds() + " s");
            }
            Throwable error = piece.error();
            if (error != null) {
                throw Failures.asIo(error);
            }
            if (piece.last()) {
                return Optional.empty();
            }
            take(piece.bytes());
            receiver.more();
        }
        return Optional.of(ready.remove());
    }

    private void take(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte each = bytes.get();
            if (each == '\n') {
                line(line.toString(StandardCharsets.UTF_8).replaceFirst("\r$", ""));
                line.reset();
            } else if (line.size() >= LONGEST_LINE) {
                throw new IOException("A line is longer than " + LONGEST_LINE + " bytes");
            } else {
                line.write(each);
            }
        }
    }

    private void line(String text) throws IOException {
        if (text.isEmpty()) {
            if (data.length() > 0) {
                ready.add(new Event(id, type, data.toString()));
            }
            data.setLength(0);
            type = "";
        } else if (text.startsWith("id:")) {
            id = value(text);
        } else if (text.startsWith("event:")) {
            type = value(text);
        } else if (text.startsWith("data:")) {
            if (data.length() > LONGEST_LINE) {
                throw new IOException("An event is longer than " + LONGEST_LINE + " characters");
            }
            data.append(data.length() == 0 ? "" : "\n").append(value(text));
        }
        // Anything else is a comment, such as a heartbeat, or a field that is not used here.
    }

    private static String value(String text) {
        String value = text.substring(text.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }

    @Override
    public void close() {
        receiver.cancel();
    }

    /** Asks for as much as is taken, so that what is not read yet stays with the sender. */
    private final class Receiver implements Flow.Subscriber<List<ByteBuffer>> {
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
            begun.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                pieces.add(new Piece(buffer, null, false));
            }
        }

        @Override
        public void onError(Throwable error) {
            pieces.add(new Piece(ByteBuffer.allocate(0), error, true));
        }

        @Override
        public void onComplete() {
            pieces.add(new Piece(ByteBuffer.allocate(0), null, true));
        }

        void more() {
            Flow.Subscription running = subscription;
            if (running != null) {
                running.request(1);
            }
        }

        void cancel() {
            Flow.Subscription running = subscription;
            if (running != null) {
                running.cancel();
            }
        }
    }
}
