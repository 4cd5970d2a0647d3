package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Secret;
import java.time.Clock;
import java.util.Locale;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.xbill.DNS.Name;
import org.xbill.DNS.TSIG;

/**
 * A key that signs updates (RFC 8945).
 *
 * @param name as the server's configuration calls it
 * @param algorithm hmac-sha256, hmac-sha384 or hmac-sha512
 * @param secret the bytes, not their Base64
 */
public record TsigKey(String name, String algorithm, Secret secret) {
    private static final Set<String> ALGORITHMS = Set.of("hmac-sha256", "hmac-sha384", "hmac-sha512");

    public TsigKey {
        if (!ALGORITHMS.contains(algorithm)) {
            throw DnsNames.invalid("the key '" + name + "' is for " + algorithm
                    + "; updates are signed with hmac-sha256, hmac-sha384 or hmac-sha512");
        }
        DnsNames.of(name);
    }

    TSIG signer(Clock clock) {
        Name parsed = DnsNames.of(algorithm);
        // The JDK's name of the same: HmacSHA256.
        String java = "Hmac" + algorithm.substring("hmac-".length()).toUpperCase(Locale.ROOT);
        return new TSIG(parsed, DnsNames.of(name), new SecretKeySpec(secret.bytes(), java), clock);
    }
}
