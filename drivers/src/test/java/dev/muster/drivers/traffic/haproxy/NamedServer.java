package dev.muster.drivers.traffic.haproxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A server that says its name to whoever connects, and keeps the connection until the client ends it. */
final class NamedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    NamedServer(String name) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> serve(name), "backend-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(String name) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
                Thread reader = new Thread(() -> closeWithClient(socket), "client-of-" + name);
                reader.setDaemon(true);
                reader.start();
            } catch (IOException e) {
                // Closed, or the client was gone at once.
            }
        }
    }

    private static void closeWithClient(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Gone.
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
