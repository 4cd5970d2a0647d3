package dev.muster.drivers.traffic.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.Opcode;

/** Stands before a name server, over UDP and TCP, and loses answers to updates that arrived. */
final class ForgetfulNetwork implements AutoCloseable {
    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final DatagramSocket datagrams;
    private final AtomicInteger lose = new AtomicInteger();
    private final ExecutorService pumps = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "forgetful-network");
        thread.setDaemon(true);
        return thread;
    });

    ForgetfulNetwork(InetSocketAddress server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.datagrams = new DatagramSocket(listener.getLocalPort(), InetAddress.getLoopbackAddress());
        pumps.execute(this::acceptConnections);
        pumps.execute(this::acceptDatagrams);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
    }

    void loseAnswersToUpdates(int times) {
        lose.set(times);
    }

    private boolean isLost(byte[] message) {
        return ((message[2] >> 3) & 15) == Opcode.UPDATE && lose.getAndDecrement() > 0;
    }

    private void acceptConnections() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                pumps.execute(() -> pass(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void pass(Socket client) {
        try (client;
                Socket upstream = new Socket(server.getAddress(), server.getPort())) {
            byte[] message = read(client);
            write(upstream, message);
            byte[] answer = read(upstream);
            if (!isLost(message)) {
                write(client, answer);
            }
        } catch (IOException e) {
            // The client sees its connection end.
        }
    }

    private static byte[] read(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }

    private static void write(Socket socket, byte[] message) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(message.length);
        out.write(message);
        out.flush();
    }

    private void acceptDatagrams() {
        while (!datagrams.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
                datagrams.receive(packet);
                byte[] message = java.util.Arrays.copyOf(packet.getData(), packet.getLength());
                try (DatagramSocket upstream = new DatagramSocket()) {
                    upstream.setSoTimeout(5000);
                    upstream.send(new DatagramPacket(message, message.length, server));
                    DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
                    upstream.receive(answer);
                    if (!isLost(message)) {
                        datagrams.send(
                                new DatagramPacket(answer.getData(), answer.getLength(), packet.getSocketAddress()));
                    }
                }
            } catch (IOException e) {
                // Closed, or the server is silent: as the client then sees.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        datagrams.close();
        pumps.shutdownNow();
    }
}
