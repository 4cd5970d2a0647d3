package dev.muster.postgres.replication;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * WAL as it comes from one server on one timeline. One thread reads it and confirms; closing the connection ends it.
 */
public final class WalStream {
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    /** What came next. */
    public sealed interface Event permits Data, Alive, EndOfTimeline, ServerStopped, Nothing {}

    /**
     * WAL bytes; they never cross a segment's end.
     *
     * @param start position of the first byte
     * @param serverEnd the server's end of WAL when it sent this
     * @param bytes valid until the next event is asked for
     */
    public record Data(Lsn start, Lsn serverEnd, ByteBuffer bytes) implements Event {}

    /**
     * The server is there.
     *
     * @param serverEnd the end of what it has sent so far
     * @param replyRequested it ends the connection soon if no {@link #confirm} follows
     */
    public record Alive(Lsn serverEnd, boolean replyRequested) implements Event {}

    /**
     * The timeline ends here and all of it has been sent; the connection takes commands again.
     *
     * @param next the timeline that follows in the server's history
     * @param switchPoint where it leaves the old one
     */
    public record EndOfTimeline(int next, Lsn switchPoint) implements Event {}

    /** The server shuts down and has sent all that it has. */
    public record ServerStopped() implements Event {}

    /** Nothing came within the time given. */
    public record Nothing() implements Event {}

    private final ReplicationConnection connection;
    private final MessageChannel channel;
    private final Clock clock;
    private Optional<EndOfTimeline> ended;

    WalStream(
            ReplicationConnection connection,
            MessageChannel channel,
            Clock clock,
            Optional<EndOfTimeline> alreadyOver) {
        this.connection = connection;
        this.channel = channel;
        this.clock = clock;
        this.ended = alreadyOver;
    }

    /**
     * The next event, waiting for it at most as long as given.
     *
     * @throws ServerError if the server ends the stream with an error, such as 58P01 for WAL that has been removed
     * @throws PostgresException CONNECTION_LOST
     */
    public Event next(Duration wait) {
        if (ended.isPresent()) {
            return ended.get();
        }
        while (true) {
            MessageChannel.Message message = channel.poll(wait);
            if (message == null) {
                return new Nothing();
            }
            switch (message.type()) {
                case 'd' -> {
                    return event(message.payload());
                }
                case 'c' -> {
                    EndOfTimeline end = endOfTimeline();
                    ended = Optional.of(end);
                    return end;
                }
                case 'C' -> {
                    return new ServerStopped();
                }
                case 'E' -> throw channel.error(message);
                case 'N', 'S' -> {}
                default -> throw channel.violation("message '" + message.type() + "' in a WAL stream");
            }
        }
    }

    private Event event(ByteBuffer payload) {
        char type = (char) payload.get();
        return switch (type) {
            case 'w' -> {
                Lsn start = new Lsn(payload.getLong());
                Lsn serverEnd = new Lsn(payload.getLong());
                payload.getLong(); // the server's clock
                yield new Data(start, serverEnd, payload.slice());
            }
            case 'k' -> {
                Lsn serverEnd = new Lsn(payload.getLong());
                payload.getLong();
                yield new Alive(serverEnd, payload.get() != 0);
            }
            default -> throw channel.violation("copy data of type '" + type + "'");
        };
    }

    /** The server's CopyDone must be answered, or it waits for ever; then it says where to go on. */
    private EndOfTimeline endOfTimeline() {
        channel.send('c', new byte[0]);
        List<List<Optional<String>>> rows = connection.rowsUntilReady();
        return ReplicationConnection.nextTimeline(rows)
                .orElseThrow(() -> channel.violation("the end of a timeline without the next one"));
    }

    /**
     * Tells the server how far WAL is safe; its slot lets go of everything before {@code durable}.
     *
     * @param received end of the WAL that has arrived
     * @param durable end of the WAL that would survive the loss of this process and this host
     * @param answer asks the server to show at once that it is there
     */
    public void confirm(Lsn received, Lsn durable, boolean answer) {
        long micros = ChronoUnit.MICROS.between(POSTGRES_EPOCH, clock.instant());
        channel.send(
                'd',
                ByteBuffer.allocate(34)
                        .put((byte) 'r')
                        .putLong(received.value())
                        .putLong(durable.value())
                        .putLong(0) // nothing is applied here
                        .putLong(micros)
                        .put((byte) (answer ? 1 : 0))
                        .array());
    }
}
