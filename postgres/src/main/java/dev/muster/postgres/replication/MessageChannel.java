package dev.muster.postgres.replication;

import dev.muster.postgres.PostgresException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of the PostgreSQL protocol over one socket: a type byte, a length, a payload. What has arrived of a message
 * is kept over a timeout, so that waiting in small steps loses nothing. Bounded: a longer message than 4 MiB is refused.
 * One thread at a time reads; the other way one thread at a time writes.
 */
final class MessageChannel implements Closeable {
    private static final int LONGEST = 4 << 20;
    private static final int HEADER = 5;

    /** One message; its payload is valid until the next is read. */
    record Message(char type, ByteBuffer payload) {
        String text() {
            int start = payload.position();
            while (payload.get() != 0) {
                // up to the terminator; a missing one ends as a BufferUnderflowException
            }
            byte[] bytes = new byte[payload.position() - start - 1];
            payload.get(start, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final String server;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[256 * 1024];
    private int start;
    private int end;

    MessageChannel(String server, Socket socket) throws IOException {
        this.server = server;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** @throws PostgresException SERVER_TIMEOUT if no message is complete within the limit */
    Message read(Duration limit) {
        Message message = poll(limit);
        if (message == null) {
            throw new PostgresException(
                    "SERVER_TIMEOUT",
                    "PostgreSQL at " + server + " did not answer within " + limit.toMillis() + " ms",
                    "Is the server hung or overloaded, or does a firewall drop packets?");
        }
        return message;
    }

    /** The next message, or null if none is complete within the limit. */
    @Nullable Message poll(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            if (end - start >= HEADER) {
                ByteBuffer header = ByteBuffer.wrap(buffer, start, HEADER);
                char type = (char) (header.get() & 0xFF);
                int length = header.getInt();
                if (length < 4 || length > LONGEST) {
                    throw violation("a message of type '" + type + "' with length " + length);
                }
                if (end - start >= 1 + length) {
                    ByteBuffer payload = ByteBuffer.wrap(buffer, start + HEADER, length - 4);
                    start += 1 + length;
                    return new Message(type, payload);
                }
                makeRoom(1 + length);
            } else {
                makeRoom(HEADER);
            }
            long left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
            if (left <= 0 || !fill((int) Math.min(left, Integer.MAX_VALUE))) {
                return null;
            }
        }
    }

    private void makeRoom(int needed) {
        if (start == end) {
            start = 0;
            end = 0;
        }
        if (buffer.length - start < needed) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
            if (buffer.length < needed) {
                buffer = Arrays.copyOf(buffer, needed);
            }
        }
    }

    private boolean fill(int millis) {
        try {
            socket.setSoTimeout(millis);
            int count = in.read(buffer, end, buffer.length - end);
            if (count < 0) {
                throw lost("closed the connection", null);
            }
            end += count;
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw lost("is no longer connected", e);
        }
    }

    /** Sends one message whole. */
    void send(char type, byte[] payload) {
        ByteBuffer message = ByteBuffer.allocate(HEADER + payload.length);
        message.put((byte) type).putInt(payload.length + 4).put(payload);
        sendRaw(message.array());
    }

    /** Sends bytes that have no message type: the start-up packet. */
    void sendRaw(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw lost("is no longer connected", e);
        }
    }

    static byte[] terminated(String... texts) {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        for (String text : texts) {
            bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            bytes.write(0);
        }
        return bytes.toByteArray();
    }

    PostgresException violation(String what) {
        return new PostgresException(
                "PROTOCOL_VIOLATION",
                "PostgreSQL at " + server + " sent " + what,
                "Is it a PostgreSQL server, reached without a connection pooler between?");
    }

    private PostgresException lost(String what, @Nullable Throwable cause) {
        String message = "PostgreSQL at " + server + " " + what;
        String hint = "Does the server run? Its log says why it ended the connection.";
        return cause == null
                ? new PostgresException("CONNECTION_LOST", message, hint)
                : new PostgresException("CONNECTION_LOST", message, hint, cause);
    }

    /** Decodes an ErrorResponse or NoticeResponse. */
    ServerError error(Message message) {
        String sqlState = "XX000";
        List<String> parts = new ArrayList<>();
        String hint = "";
        while (message.payload().hasRemaining()) {
            int field = message.payload().get();
            if (field == 0) {
                break;
            }
            String value = message.text();
            switch (field) {
                case 'C' -> sqlState = value;
                case 'M' -> parts.add(value);
                case 'D' -> parts.add(value);
                case 'H' -> hint = value + " ";
                default -> {}
            }
        }
        String code = sqlState.startsWith("28") ? "AUTHENTICATION_FAILED" : "SERVER_ERROR";
        return new ServerError(
                code,
                "PostgreSQL at " + server + ": " + String.join("; ", parts) + " (SQLSTATE " + sqlState + ")",
                hint
                        + (code.equals("AUTHENTICATION_FAILED")
                                ? "Check the role, its password and pg_hba.conf (database \"replication\")."
                                : "Read the server's log at this time."),
                sqlState);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing depends on how a connection that is given up ends.
        }
    }
}
