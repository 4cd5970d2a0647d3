package dev.muster.cli.client;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that believes only certificates of one's own authorities. */
final class Authorities {
    private Authorities() {}

    /** @throws CliException CA_UNREADABLE */
    static SSLContext read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + count++, authority);
            }
            if (count == 0) {
                throw new IOException("there is no certificate in it");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new CliException(
                    "CA_UNREADABLE",
                    "The file of authorities " + file + " cannot be used: " + e.getMessage() + ".",
                    "It needs certificates in PEM that this user may read.",
                    ExitCode.BAD_INPUT,
                    List.of(),
                    e);
        }
    }
}
