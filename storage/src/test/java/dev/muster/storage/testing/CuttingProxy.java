package dev.muster.storage.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A network in front of a server that loses what a test says: the rest of an answer, or an answer. */
public final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final ExecutorService pumps = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Cut> cut = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();

    /** What is lost next: in the answers to requests whose text holds this, all but so many bytes. */
    private record Cut(String request, long passed, AtomicInteger times) {}

    /** @param target the server's port on this machine */
    public CuttingProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        pumps.execute(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections were cut. */
    public int cuts() {
        return cuts.get();
    }

    /** From now on so many answers end after so many bytes, headers included. */
    public void cutAnswers(String request, long passed, int times) {
        cut.set(new Cut(request, passed, new AtomicInteger(times)));
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                if (listener.isClosed()) {
                    closeAll();
                    return;
                }
                AtomicReference<@Nullable Cut> doomed = new AtomicReference<>();
                pumps.execute(() -> pump(client, server, doomed, true));
                pumps.execute(() -> pump(server, client, doomed, false));
            } catch (IOException | RejectedExecutionException e) {
                // The listener was closed, or the client is gone.
            }
        }
    }

    private void pump(Socket from, Socket to, AtomicReference<@Nullable Cut> doomed, boolean requests) {
        byte[] buffer = new byte[16 << 10];
        long passed = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                Cut next = cut.get();
                if (requests && next != null) {
                    String text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
                    if (text.contains(next.request()) && next.times().getAndDecrement() > 0) {
                        doomed.set(next);
                    }
                }
                Cut mine = doomed.get();
                if (!requests && mine != null) {
                    int left = (int) Math.min(read, mine.passed() - passed);
                    out.write(buffer, 0, left);
                    passed += left;
                    if (passed >= mine.passed()) {
                        cuts.incrementAndGet();
                        return;
                    }
                } else {
                    out.write(buffer, 0, read);
                }
                out.flush();
            }
        } catch (IOException e) {
            // One side is gone: so is the other, now.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeAll();
    }

    /** Each pump ends with its socket; one that had not begun would leave its socket open. */
    private void closeAll() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        pumps.shutdown();
    }
}
