package dev.muster.postgres.replication;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Turns a fresh connection to PostgreSQL into an encrypted one, before anything else is said. */
final class TlsUpgrade {
    private static final int SSL_REQUEST = 80877103;

    private TlsUpgrade() {}

    /** @throws PostgresException TLS_REFUSED if the server has no TLS, TLS_FAILED if the handshake fails */
    static SSLSocket upgrade(Socket plain, ServerAddress address) throws IOException {
        plain.setSoTimeout((int) address.replyTimeout().toMillis());
        plain.getOutputStream()
                .write(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
        // One byte only: anything more in the same packet would be from somebody in the middle.
        int answer = plain.getInputStream().read();
        if (answer != 'S') {
            throw new PostgresException(
                    "TLS_REFUSED",
                    "PostgreSQL at " + address + " does not speak TLS, and " + address.tls() + " asks for it",
                    "Set ssl = on with a certificate on the server.");
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust(address), null);
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, address.host(), address.port(), true);
            if (address.tls() == ServerAddress.Tls.VERIFY_FULL) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
            }
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException | IOException e) {
            throw new PostgresException(
                    "TLS_FAILED",
                    "TLS with PostgreSQL at " + address + " failed: " + e.getMessage(),
                    "Check the server's certificate, the host name in it, and the authorities configured here.",
                    e);
        }
    }

    /** The server's certificate, for SCRAM's channel binding. */
    static @Nullable X509Certificate certificate(SSLSocket socket) {
        try {
            Certificate[] chain = socket.getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private static TrustManager @Nullable [] trust(ServerAddress address) throws GeneralSecurityException, IOException {
        if (address.tls() == ServerAddress.Tls.REQUIRE) {
            return new TrustManager[] {new EncryptOnly()};
        }
        Optional<Path> authorities = address.rootCertificates();
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authorities.get())) {
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** What sslmode=require asks for: no listener on the wire, whoever the server is. VERIFY_FULL checks that too. */
    private static final class EncryptOnly implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
