package dev.muster.postgres.replication;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection in physical replication mode. Its own small client because pgjdbc's stream never answers the server's
 * end of a timeline. For one thread; only {@link #close} may come from another.
 */
public final class ReplicationConnection implements AutoCloseable {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final Pattern SIZE = Pattern.compile("(\\d+)(B|kB|MB|GB)?");
    private static final Pattern SLOT_NAME = Pattern.compile("[a-z0-9_]{1,63}");

    /**
     * Who the server is.
     *
     * @param systemId the cluster's identity, in decimal
     * @param timeline the timeline that it writes or replays now
     * @param flushed the end of its WAL
     */
    public record SystemIdentity(String systemId, int timeline, Lsn flushed) {}

    /**
     * A physical slot's position.
     *
     * @param restart the oldest WAL that it keeps on the server; empty if it keeps nothing, because it was never used or
     *     because the server invalidated it
     * @param timeline the timeline of that position
     */
    public record SlotPosition(Optional<Lsn> restart, Optional<Integer> timeline) {}

    private final ServerAddress address;
    private final MessageChannel channel;
    private final Clock clock;

    private ReplicationConnection(ServerAddress address, MessageChannel channel, Clock clock) {
        this.address = address;
        this.channel = channel;
        this.clock = clock;
    }

    /**
     * Connects and logs in.
     *
     * @throws PostgresException CONNECTION_FAILED, TLS_REFUSED, TLS_FAILED, AUTHENTICATION_FAILED, AUTHENTICATION_UNSAFE,
     *     AUTHENTICATION_UNSUPPORTED, PASSWORD_NEEDED, or a {@link ServerError}
     */
    public static ReplicationConnection open(ServerAddress address, String applicationName, Clock clock) {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setReceiveBufferSize(1 << 20);
            socket.connect(new InetSocketAddress(address.host(), address.port()), (int)
                    address.connectTimeout().toMillis());
            X509Certificate certificate = null;
            boolean encrypted = address.tls() != ServerAddress.Tls.DISABLE;
            if (encrypted) {
                SSLSocket secured = TlsUpgrade.upgrade(socket, address);
                certificate = TlsUpgrade.certificate(secured);
                socket = secured;
            }
            MessageChannel channel = new MessageChannel(address.toString(), socket);
            ReplicationConnection connection = new ReplicationConnection(address, channel, clock);
            connection.logIn(applicationName, encrypted, certificate);
            return connection;
        } catch (IOException e) {
            closeQuietly(socket);
            throw new PostgresException(
                    "CONNECTION_FAILED",
                    "Cannot connect to PostgreSQL at " + address + ": " + e.getMessage(),
                    "Does the server run there, listen on that address, and does a firewall let this host through?",
                    e);
        } catch (RuntimeException e) {
            closeQuietly(socket);
            throw e;
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The first trouble is the one to report.
        }
    }

    private void logIn(String applicationName, boolean encrypted, @Nullable X509Certificate certificate) {
        byte[] parameters = MessageChannel.terminated(
                "user",
                address.user(),
                "database",
                "replication",
                "replication",
                "true",
                "application_name",
                applicationName,
                "client_encoding",
                "UTF8",
                "");
        channel.sendRaw(ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(PROTOCOL_3_0)
                .put(parameters)
                .array());
        new Authentication(address, channel, encrypted, certificate).run();
        rowsUntilReady();
    }

    public SystemIdentity identifySystem() {
        List<Optional<String>> row = one(query("IDENTIFY_SYSTEM"), "IDENTIFY_SYSTEM");
        return new SystemIdentity(value(row, 0), Integer.parseInt(value(row, 1)), Lsn.parse(value(row, 2)));
    }

    /** The size of a WAL segment in bytes. */
    public int walSegmentSize() {
        String text = value(one(query("SHOW wal_segment_size"), "SHOW"), 0);
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw channel.violation("a WAL segment size of '" + text + "'");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        int shift = switch (unit) {
            case "kB" -> 10;
            case "MB" -> 20;
            case "GB" -> 30;
            default -> 0;
        };
        return Math.toIntExact(Long.parseLong(matcher.group(1)) << shift);
    }

    /** The slot's position, or empty if there is no such slot. */
    public Optional<SlotPosition> readReplicationSlot(String slot) {
        List<Optional<String>> row =
                one(query("READ_REPLICATION_SLOT " + requireSlotName(slot)), "READ_REPLICATION_SLOT");
        if (row.get(0).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new SlotPosition(row.get(1).map(Lsn::parse), row.get(2).map(Integer::parseInt)));
    }

    /** Creates a physical slot that keeps WAL from now on. */
    public void createPhysicalSlot(String slot) {
        query("CREATE_REPLICATION_SLOT " + requireSlotName(slot) + " PHYSICAL RESERVE_WAL");
    }

    public void dropSlot(String slot) {
        query("DROP_REPLICATION_SLOT " + requireSlotName(slot));
    }

    /** @throws ServerError if the server does not have that file; timeline 1 has none */
    public HistoryFile timelineHistory(int timeline) {
        List<Optional<byte[]>> row = one(rawQuery("TIMELINE_HISTORY " + timeline), "TIMELINE_HISTORY");
        if (row.size() < 2 || row.get(0).isEmpty() || row.get(1).isEmpty()) {
            throw channel.violation("no content for the history of timeline " + timeline);
        }
        return new HistoryFile(
                new String(row.get(0).get(), StandardCharsets.UTF_8), row.get(1).get());
    }

    /**
     * Starts the WAL of one timeline at a position.
     *
     * @throws ServerError 58P01 if that WAL has been removed, 55006 if the slot is in use, 42704 if there is none, 55000
     *     if it was invalidated
     */
    public WalStream startReplication(String slot, Lsn from, int timeline) {
        send("START_REPLICATION SLOT " + requireSlotName(slot) + " PHYSICAL " + from + " TIMELINE " + timeline);
        List<List<Optional<byte[]>>> rows = new ArrayList<>();
        while (true) {
            MessageChannel.Message message = channel.read(address.replyTimeout());
            switch (message.type()) {
                case 'W' -> {
                    return new WalStream(this, channel, clock, Optional.empty());
                }
                // Nothing is left on that timeline: the server says at once which one follows.
                case 'D' -> rows.add(row(message.payload()));
                case 'E' -> throw drained(channel.error(message));
                case 'Z' -> {
                    return new WalStream(
                            this,
                            channel,
                            clock,
                            Optional.of(nextTimeline(texts(rows))
                                    .orElseThrow(() -> channel.violation("neither WAL nor a next timeline"))));
                }
                case 'T', 'C', 'N', 'S', 'K' -> {}
                default -> throw channel.violation("message '" + message.type() + "' in reply to START_REPLICATION");
            }
        }
    }

    static Optional<WalStream.EndOfTimeline> nextTimeline(List<List<Optional<String>>> rows) {
        return rows.stream()
                .filter(row -> row.size() >= 2)
                .findFirst()
                .map(row -> new WalStream.EndOfTimeline(Integer.parseInt(value(row, 0)), Lsn.parse(value(row, 1))));
    }

    private List<List<Optional<String>>> query(String command) {
        return texts(rawQuery(command));
    }

    private List<List<Optional<byte[]>>> rawQuery(String command) {
        send(command);
        return rawRowsUntilReady();
    }

    private void send(String command) {
        channel.send('Q', MessageChannel.terminated(command));
    }

    /** Everything up to "ready for the next command", as text. */
    List<List<Optional<String>>> rowsUntilReady() {
        return texts(rawRowsUntilReady());
    }

    private List<List<Optional<byte[]>>> rawRowsUntilReady() {
        List<List<Optional<byte[]>>> rows = new ArrayList<>();
        while (true) {
            MessageChannel.Message message = channel.read(address.replyTimeout());
            switch (message.type()) {
                case 'D' -> rows.add(row(message.payload()));
                case 'E' -> throw drained(channel.error(message));
                case 'Z' -> {
                    return rows;
                }
                case 'T', 'C', 'N', 'S', 'K', 'I', 'c', 'd' -> {}
                default -> throw channel.violation("message '" + message.type() + "' in reply to a command");
            }
        }
    }

    /** After an error the server says that it is ready; that must not be taken for the answer to the next command. */
    private ServerError drained(ServerError error) {
        try {
            while (channel.read(address.replyTimeout()).type() != 'Z') {
                // what is left of the failed command
            }
        } catch (PostgresException closed) {
            error.addSuppressed(closed);
        }
        return error;
    }

    private static List<Optional<byte[]>> row(ByteBuffer payload) {
        int columns = payload.getShort();
        List<Optional<byte[]>> row = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            int length = payload.getInt();
            if (length < 0) {
                row.add(Optional.empty());
            } else {
                byte[] bytes = new byte[length];
                payload.get(bytes);
                row.add(Optional.of(bytes));
            }
        }
        return row;
    }

    private static List<List<Optional<String>>> texts(List<List<Optional<byte[]>>> rows) {
        return rows.stream()
                .map(row -> row.stream()
                        .map(column -> column.map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                        .toList())
                .toList();
    }

    private <T> List<Optional<T>> one(List<List<Optional<T>>> rows, String command) {
        if (rows.size() != 1) {
            throw channel.violation(rows.size() + " rows in reply to " + command);
        }
        return rows.get(0);
    }

    private static String value(List<Optional<String>> row, int column) {
        return row.get(column).orElse("");
    }

    /**
     * The replication grammar takes no parameters: a name must not be able to carry another command.
     *
     * @return the same
     * @throws PostgresException SLOT_NAME_INVALID
     */
    public static String requireSlotName(String slot) {
        if (!SLOT_NAME.matcher(slot).matches()) {
            throw new PostgresException(
                    "SLOT_NAME_INVALID",
                    "Not a name for a replication slot: '" + slot + "'",
                    "Use lower-case letters, digits and underscores, at most 63.");
        }
        return slot;
    }

    /** Ends the connection at once, also while another thread waits in it. */
    @Override
    public void close() {
        channel.close();
    }
}
