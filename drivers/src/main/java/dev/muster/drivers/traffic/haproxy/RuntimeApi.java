package dev.muster.drivers.traffic.haproxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One HAProxy's runtime API: a command, its answer, the end of the connection. With a bound, which a blocking channel on a
 * UNIX socket does not have.
 */
final class RuntimeApi {
    private static final Pattern UNIX = Pattern.compile("unix:(/.+)");
    private static final Pattern TCP = Pattern.compile("tcp:(.+):([0-9]{1,5})");
    private static final int LARGEST_ANSWER = 4 << 20;

    private final String name;
    private final Duration timeout;

    /** The command may have been carried out. Any other IOException: it was not sent. */
    static final class NoAnswerException extends IOException {
        NoAnswerException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    RuntimeApi(String name, Duration timeout) {
        this.name = name;
        this.timeout = timeout;
        if (!UNIX.matcher(name).matches() && !TCP.matcher(name).matches()) {
            throw HaproxySettings.invalid("a runtime API is unix:/PATH or tcp:HOST:PORT, not '" + name + "'");
        }
    }

    String name() {
        return name;
    }

    private SocketAddress address() throws UnknownHostException {
        Matcher unix = UNIX.matcher(name);
        if (unix.matches()) {
            return UnixDomainSocketAddress.of(Path.of(unix.group(1)));
        }
        Matcher tcp = TCP.matcher(name);
        if (!tcp.matches()) {
            throw new IllegalStateException(name);
        }
        InetSocketAddress address = new InetSocketAddress(tcp.group(1), Integer.parseInt(tcp.group(2)));
        if (address.isUnresolved()) {
            throw new UnknownHostException(tcp.group(1));
        }
        return address;
    }

    /** The answer without the empty lines at its end. */
    String ask(String command) throws IOException {
        SocketAddress address = address();
        StandardProtocolFamily family = address instanceof InetSocketAddress inet
                ? (inet.getAddress() instanceof java.net.Inet6Address
                        ? StandardProtocolFamily.INET6
                        : StandardProtocolFamily.INET)
                : StandardProtocolFamily.UNIX;
        long deadline = System.nanoTime() + timeout.toNanos();
        try (SocketChannel channel = SocketChannel.open(family);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, 0);
            if (!channel.connect(address)) {
                await(selector, key, SelectionKey.OP_CONNECT, deadline);
                channel.finishConnect();
            }
            try {
                return exchanged(channel, selector, key, command, deadline);
            } catch (IOException e) {
                throw new NoAnswerException("no answer to '" + command + "': " + e.getMessage(), e);
            }
        }
    }

    private static String exchanged(
            SocketChannel channel, Selector selector, SelectionKey key, String command, long deadline)
            throws IOException {
        ByteBuffer request = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII));
        while (request.hasRemaining()) {
            channel.write(request);
            if (request.hasRemaining()) {
                await(selector, key, SelectionKey.OP_WRITE, deadline);
            }
        }
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        while (true) {
            int read = channel.read(buffer.clear());
            if (read < 0) {
                break;
            }
            answer.write(buffer.array(), 0, read);
            if (answer.size() > LARGEST_ANSWER) {
                throw new IOException("the answer is longer than " + LARGEST_ANSWER + " bytes");
            }
            if (read == 0) {
                await(selector, key, SelectionKey.OP_READ, deadline);
            }
        }
        if (answer.size() == 0) {
            // Even a command that says nothing is answered with an empty line.
            throw new IOException("the connection ended without a word");
        }
        return answer.toString(StandardCharsets.UTF_8).strip();
    }

    private static void await(Selector selector, SelectionKey key, int operation, long deadline) throws IOException {
        key.interestOps(operation);
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0 || selector.select(left) == 0) {
            throw new IOException(Thread.currentThread().isInterrupted() ? "interrupted" : "it takes too long");
        }
        selector.selectedKeys().clear();
    }
}
