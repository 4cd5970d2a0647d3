package dev.muster.workflows.connection;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a failed call to a Temporal server means for whoever set the connection up. TLS tells its reasons only in the
 * texts of its errors, which differ between Java's own engine and the native one; TemporalConnectionTest has each.
 */
final class ConnectionFailures {
    private ConnectionFailures() {}

    /** The failure that waiting does not mend; empty if the server may just not be up yet. */
    static Optional<TemporalUnreachableException> lasting(
            StatusRuntimeException failure, String address, String namespace) {
        Status.Code code = failure.getStatus().getCode();
        if (code == Status.Code.UNAUTHENTICATED || code == Status.Code.PERMISSION_DENIED) {
            return Optional.of(new TemporalUnreachableException(
                    "TEMPORAL_DENIED",
                    "The Temporal server at " + address + " refuses these credentials for the namespace " + namespace
                            + ": " + failure.getStatus().getDescription(),
                    "Is TEMPORAL_API_KEY (or the client certificate) valid, not expired, and allowed in this"
                            + " namespace?",
                    failure));
        }
        if (code == Status.Code.NOT_FOUND) {
            return Optional.of(new TemporalUnreachableException(
                    "TEMPORAL_NAMESPACE_UNKNOWN",
                    "The Temporal server at " + address + " has no namespace " + namespace + ".",
                    "Does TEMPORAL_NAMESPACE name the right one? To make it: temporal operator namespace create"
                            + " --namespace " + namespace,
                    failure));
        }
        return tls(failure, address);
    }

    private static Optional<TemporalUnreachableException> tls(StatusRuntimeException failure, String address) {
        String why = texts(failure);
        if (why.contains("not an ssl/tls record") || why.contains("wrong_version_number")) {
            return Optional.of(mismatch(address, "does not speak TLS, this client does", failure));
        }
        // A TLS alert (record type 21) where a plaintext client expects HTTP/2.
        if (why.contains("not settings") && why.contains("1503")) {
            return Optional.of(mismatch(address, "speaks TLS, this client does not", failure));
        }
        if (find(failure, CertificateException.class) != null
                || why.contains("certificate_verify_failed")
                || why.contains("certification path")) {
            return Optional.of(new TemporalUnreachableException(
                    "TEMPORAL_CERTIFICATE_UNTRUSTED",
                    "The certificate of the Temporal server at " + address + " is not trusted: " + deepest(failure),
                    "Is TEMPORAL_TLS_SERVER_CA_CERT_PATH the authority that signed it, and is the address, or"
                            + " TEMPORAL_TLS_SERVER_NAME, a name in it?",
                    failure));
        }
        if (why.contains("certificate_required")
                || why.contains("bad_certificate")
                || why.contains("unknown_ca")
                || why.contains("certificate_unknown")
                || why.contains("handshake_failure")) {
            return Optional.of(new TemporalUnreachableException(
                    "TEMPORAL_CERTIFICATE_REFUSED",
                    "The Temporal server at " + address + " wants a client certificate that it trusts: "
                            + deepest(failure),
                    "Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to a pair that the server's"
                            + " client authority signed and that has not expired.",
                    failure));
        }
        return Optional.empty();
    }

    private static TemporalUnreachableException mismatch(String address, String how, StatusRuntimeException failure) {
        return new TemporalUnreachableException(
                "TEMPORAL_TLS_MISMATCH",
                "The Temporal server at " + address + " " + how + ".",
                "Set TEMPORAL_TLS=true or TEMPORAL_TLS=false (an API key or a certificate switches TLS on), and check"
                        + " the port.",
                failure);
    }

    static TemporalUnreachableException silent(String address, Duration limit, StatusRuntimeException last) {
        return new TemporalUnreachableException(
                "TEMPORAL_UNREACHABLE",
                "No Temporal server answers at " + address + " within " + limit.toSeconds() + " s: " + deepest(last),
                find(last, SSLException.class) != null
                        ? "TLS fails. Read docs/operating.md on TEMPORAL_TLS_*."
                        : "Is the server up, and does TEMPORAL_ADDRESS name it (host:port)? Does it want TLS"
                                + " (TEMPORAL_TLS=true)?",
                last);
    }

    static TemporalUnreachableException unreadable(Exception e) {
        return new TemporalUnreachableException(
                "TEMPORAL_SETTINGS_UNREADABLE",
                "Temporal's settings cannot be read: " + deepest(e),
                "Do the files that TEMPORAL_TLS_*_PATH and TEMPORAL_CONFIG_FILE name exist, may you read them, are they"
                        + " PEM (the key PKCS#8, without a passphrase) and TOML?",
                e);
    }

    private static String texts(Throwable failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            all.append(each.getClass().getSimpleName())
                    .append(' ')
                    .append(each.getMessage())
                    .append('\n');
        }
        return all.toString().toLowerCase(Locale.ROOT);
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }

    private static String deepest(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
    }
}
