package dev.muster.postgres.lease;

import dev.muster.postgres.PostgresException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificates for etcd, all in PEM.
 *
 * @param authority file of what etcd's certificates are signed by
 * @param client empty where etcd asks for no client's certificate
 */
public record EtcdTls(Path authority, Optional<Client> client) {
    private static final char[] NO_PASSWORD = new char[0];

    /**
     * @param certificate file of the client's certificate and what it is signed by
     * @param key the text of its key, PKCS 8 without a passphrase, already resolved from where it is kept
     */
    public record Client(Path certificate, String key) {
        @Override
        public String toString() {
            return certificate.toString();
        }
    }

    /** @throws PostgresException ETCD_CERTIFICATES_UNUSABLE */
    SSLContext context() {
        try {
            KeyStore trusted = empty();
            int number = 0;
            for (Certificate certificate : certificates(authority)) {
                trusted.setCertificateEntry("authority-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(client.isPresent() ? keys(client.get()) : new KeyManager[0], trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new PostgresException(
                    "ETCD_CERTIFICATES_UNUSABLE",
                    "The certificates for etcd cannot be used: " + e.getMessage(),
                    "Are " + authority + " and the client's files there, in PEM, and the key in PKCS 8 without a"
                            + " passphrase?",
                    e);
        }
    }

    private static KeyManager[] keys(Client client) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setKeyEntry(
                "client",
                key(client.key()),
                NO_PASSWORD,
                certificates(client.certificate()).toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException {
        String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body));
        for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException another) {
                // The encoding names its algorithm; only one fits.
            }
        }
        throw new InvalidKeySpecException("the key is neither EC, RSA nor EdDSA");
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        byte[] bytes = Files.readString(file, StandardCharsets.US_ASCII).getBytes(StandardCharsets.US_ASCII);
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }
}
