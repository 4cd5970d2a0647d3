package dev.muster.postgres.replication;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;
import dev.muster.postgres.PostgresException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log-in after the start-up packet: trust, SCRAM-SHA-256 (with channel binding where TLS gives a certificate). MD5
 * and clear-text passwords only inside TLS, where a listener cannot take them away.
 */
final class Authentication {
    private static final int OK = 0;
    private static final int CLEAR_TEXT = 3;
    private static final int MD5 = 5;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    private final ServerAddress address;
    private final MessageChannel channel;
    private final @Nullable X509Certificate certificate;
    private @Nullable ScramClient scram;
    private boolean proven;

    /** @param certificate the server's, where the connection is under TLS */
    Authentication(
            ServerAddress address, MessageChannel channel, boolean encrypted, @Nullable X509Certificate certificate) {
        this.address = address;
        this.channel = channel;
        this.certificate = certificate;
        this.encrypted = encrypted;
    }

    private final boolean encrypted;

    /** Answers the server until it lets the user in. */
    void run() {
        while (true) {
            MessageChannel.Message message = channel.read(address.replyTimeout());
            if (message.type() == 'E') {
                throw channel.error(message);
            }
            if (message.type() != 'R') {
                if (message.type() == 'N') {
                    continue;
                }
                throw channel.violation("message '" + message.type() + "' during the log-in");
            }
            ByteBuffer payload = message.payload();
            switch (payload.getInt()) {
                case OK -> {
                    // A server in the middle could skip its own half of SCRAM.
                    if (scram != null && !proven) {
                        throw channel.violation("\"logged in\" before it had proven that it knows the password");
                    }
                    return;
                }
                case CLEAR_TEXT -> {
                    refuseWithoutTls("a clear-text password");
                    channel.send('p', MessageChannel.terminated(password()));
                }
                case MD5 -> {
                    refuseWithoutTls("an MD5 password");
                    byte[] salt = new byte[4];
                    payload.get(salt);
                    channel.send('p', MessageChannel.terminated(md5(salt)));
                }
                case SASL -> first(mechanisms(message));
                case SASL_CONTINUE -> proof(rest(payload));
                case SASL_FINAL -> verify(rest(payload));
                default ->
                    throw new PostgresException(
                            "AUTHENTICATION_UNSUPPORTED",
                            "PostgreSQL at " + address + " asks for a log-in method that Muster does not have",
                            "Use scram-sha-256 or trust for this role in pg_hba.conf.");
            }
        }
    }

    private void first(List<String> mechanisms) {
        try {
            var builder = ScramClient.builder()
                    .advertisedMechanisms(mechanisms)
                    .username("*") // PostgreSQL takes the name from the start-up packet
                    .password(password().toCharArray());
            if (certificate != null) {
                byte[] binding = TlsServerEndpoint.getChannelBindingData(certificate);
                if (binding.length > 0) {
                    builder = builder.channelBinding(TlsServerEndpoint.TLS_SERVER_END_POINT, binding);
                }
            }
            ScramClient client = builder.build();
            scram = client;
            byte[] message = client.clientFirstMessage().toString().getBytes(StandardCharsets.UTF_8);
            byte[] name = MessageChannel.terminated(client.getScramMechanism().getName());
            channel.send(
                    'p',
                    ByteBuffer.allocate(name.length + 4 + message.length)
                            .put(name)
                            .putInt(message.length)
                            .put(message)
                            .array());
        } catch (IllegalArgumentException | CertificateEncodingException e) {
            throw failed(e);
        }
    }

    private void proof(String challenge) {
        try {
            ScramClient client = started();
            client.serverFirstMessage(challenge);
            channel.send('p', client.clientFinalMessage().toString().getBytes(StandardCharsets.UTF_8));
        } catch (ScramException | IllegalStateException | IllegalArgumentException e) {
            throw failed(e);
        }
    }

    private void verify(String answer) {
        try {
            started().serverFinalMessage(answer);
            proven = true;
        } catch (ScramException | IllegalStateException | IllegalArgumentException e) {
            throw failed(e);
        }
    }

    private ScramClient started() {
        if (scram == null) {
            throw channel.violation("a SCRAM message out of turn");
        }
        return scram;
    }

    private PostgresException failed(Exception cause) {
        return new PostgresException(
                "AUTHENTICATION_FAILED",
                "SCRAM log-in to PostgreSQL at " + address + " failed",
                "Check the password of this role.",
                cause);
    }

    private void refuseWithoutTls(String what) {
        if (!encrypted) {
            throw new PostgresException(
                    "AUTHENTICATION_UNSAFE",
                    "PostgreSQL at " + address + " asks for " + what + " over a connection without TLS",
                    "Use scram-sha-256 in pg_hba.conf, or TLS.");
        }
    }

    private String password() {
        Optional<String> password = address.password().get();
        return password.orElseThrow(() -> new PostgresException(
                "PASSWORD_NEEDED",
                "PostgreSQL at " + address + " asks for a password and none is configured",
                "Configure the password's reference for this server."));
    }

    private String md5(byte[] salt) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(password().getBytes(StandardCharsets.UTF_8));
            String inner = HexFormat.of().formatHex(digest.digest(address.user().getBytes(StandardCharsets.UTF_8)));
            digest.update(inner.getBytes(StandardCharsets.UTF_8));
            return "md5" + HexFormat.of().formatHex(digest.digest(salt));
        } catch (NoSuchAlgorithmException e) {
            throw failed(e);
        }
    }

    private static List<String> mechanisms(MessageChannel.Message message) {
        List<String> names = new ArrayList<>();
        for (String name = message.text(); !name.isEmpty(); name = message.text()) {
            names.add(name);
        }
        return names;
    }

    private static String rest(ByteBuffer payload) {
        return StandardCharsets.UTF_8.decode(payload).toString();
    }
}
