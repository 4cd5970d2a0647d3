package dev.muster.drivers.traffic.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;

/**
 * One message to a name server and its answer. Whoever sends an update must know whether it can have arrived, which
 * resolver libraries do not tell: here {@link NoAnswerException} is that case, any other IOException means not sent.
 */
final class DnsExchange {
    private static final int LARGEST_DATAGRAM = 4096;
    private static final int QUESTION_ATTEMPTS = 2;

    private final Duration timeout;

    DnsExchange(Duration timeout) {
        this.timeout = timeout;
    }

    /** By UDP, repeated once, and by TCP where the answer is too long for it. */
    Message ask(Message question, InetSocketAddress server) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Message answer = overUdp(question, server, Optional.empty());
                return answer.getHeader().getFlag(Flags.TC) ? overTcp(question, server, Optional.empty()) : answer;
            } catch (NoAnswerException e) {
                if (attempt == QUESTION_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    Message overTcp(Message message, InetSocketAddress server, Optional<TSIG> signer) throws IOException {
        byte[] wire = wire(message, signer);
        try (Socket socket = new Socket()) {
            socket.connect(resolved(server), (int) timeout.toMillis());
            socket.setSoTimeout((int) timeout.toMillis());
            return exchanged(socket, wire, message, signer);
        }
    }

    private static Message exchanged(Socket socket, byte[] wire, Message message, Optional<TSIG> signer)
            throws NoAnswerException {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(ByteBuffer.allocate(2 + wire.length)
                    .putShort((short) wire.length)
                    .put(wire)
                    .array());
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            return trusted(answer, message, signer);
        } catch (NoAnswerException e) {
            throw e;
        } catch (IOException e) {
            throw new NoAnswerException("no answer over TCP: " + e, e);
        }
    }

    Message overUdp(Message message, InetSocketAddress server, Optional<TSIG> signer) throws IOException {
        byte[] wire = wire(message, signer);
        try (DatagramSocket socket = new DatagramSocket()) {
            // Connected: the system drops what others send, and reports a closed port.
            socket.connect(resolved(server));
            socket.setSoTimeout((int) timeout.toMillis());
            try {
                socket.send(new DatagramPacket(wire, wire.length));
                DatagramPacket answer = new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
                socket.receive(answer);
                byte[] bytes = java.util.Arrays.copyOf(answer.getData(), answer.getLength());
                return trusted(bytes, message, signer);
            } catch (NoAnswerException e) {
                throw e;
            } catch (IOException e) {
                throw new NoAnswerException("no answer over UDP: " + e, e);
            }
        }
    }

    private static byte[] wire(Message message, Optional<TSIG> signer) {
        signer.ifPresent(key -> key.apply(message, null));
        return message.toWire();
    }

    private static Message trusted(byte[] bytes, Message question, Optional<TSIG> signer) throws IOException {
        Message answer = new Message(bytes);
        if (answer.getHeader().getID() != question.getHeader().getID()
                || !answer.getHeader().getFlag(Flags.QR)) {
            throw new NoAnswerException("what came is no answer to what was asked");
        }
        if (signer.isPresent() && !keyRefused(answer)) {
            int verified = signer.get().verify(answer, bytes, question.getTSIG());
            if (verified != Rcode.NOERROR) {
                throw new NoAnswerException("the answer's signature is not right: " + Rcode.TSIGstring(verified));
            }
        }
        return answer;
    }

    /** A server that does not know the key cannot sign that it does not. */
    private static boolean keyRefused(Message answer) {
        TSIGRecord signature = answer.getTSIG();
        return answer.getRcode() == Rcode.NOTAUTH
                && signature != null
                && (signature.getError() == Rcode.BADKEY || signature.getError() == Rcode.BADSIG);
    }

    private static InetSocketAddress resolved(InetSocketAddress server) throws UnknownHostException {
        InetSocketAddress found =
                server.isUnresolved() ? new InetSocketAddress(server.getHostString(), server.getPort()) : server;
        if (found.isUnresolved()) {
            throw new UnknownHostException(server.getHostString());
        }
        return found;
    }
}
