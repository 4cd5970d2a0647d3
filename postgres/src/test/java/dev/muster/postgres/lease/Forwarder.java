package dev.muster.postgres.lease;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between one host and one voter: what is cut swallows all bytes, and closes nothing. */
final class Forwarder implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final int target;
    private volatile boolean requestsPass = true;
    private volatile boolean answersPass = true;

    Forwarder(int target) throws IOException {
        this.target = target;
        daemon(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    void cut() {
        requestsPass = false;
        answersPass = false;
    }

    void loseAnswers() {
        answersPass = false;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                daemon(() -> copy(client, server, true));
                daemon(() -> copy(server, client, false));
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    private void copy(Socket from, Socket to, boolean requests) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (requests ? requestsPass : answersPass) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException closed) {
            sockets.remove(from);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
