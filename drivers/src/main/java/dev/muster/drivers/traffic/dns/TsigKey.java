package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Secret;
import java.util.Set;
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

    TSIG signer() {
        return new TSIG(DnsNames.of(algorithm), DnsNames.of(name), secret.bytes());
    }
}
