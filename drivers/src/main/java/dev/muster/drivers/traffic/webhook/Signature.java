package dev.muster.drivers.traffic.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code v1=} and the lower-case hexadecimal HMAC-SHA-256 over the bytes {@code TIMESTAMP.METHOD.PATH.BODY}: time in seconds
 * since 1970, path with query as requested, body as sent (empty for GET).
 */
final class Signature {
    private Signature() {}

    static String of(byte[] secret, Instant at, String method, String path, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((at.getEpochSecond() + "." + method + "." + path + ".").getBytes(StandardCharsets.UTF_8));
            return "v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Each JDK has HMAC-SHA-256", e);
        }
    }
}
