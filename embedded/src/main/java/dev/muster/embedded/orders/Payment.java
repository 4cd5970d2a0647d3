package dev.muster.embedded.orders;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A row of {@code payments}, whole, so that any change of it shows.
 *
 * @param amountCents in hundredths of the currency
 * @param currency three letters
 * @param paidAt to the microsecond, as PostgreSQL keeps it
 */
public record Payment(
        long id, long orderId, long amountCents, String currency, String method, Instant paidAt, String reference) {

    /**
     * The hash of a row as SQL computes it: the first eight bytes of the MD5 of its values joined by bars, as a signed
     * number. {@link #hash()} computes the same.
     */
    static final String HASH_IN_SQL = "('x' || left(md5(concat_ws('|', id, order_id, amount_cents, currency, method,"
            + " (extract(epoch FROM paid_at) * 1000000)::bigint, reference)), 16))::bit(64)::bigint";

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    public Payment {
        paidAt = paidAt.truncatedTo(ChronoUnit.MICROS);
    }

    /** See {@link #HASH_IN_SQL}. */
    public long hash() {
        long micros = paidAt.getEpochSecond() * MICROS_PER_SECOND + paidAt.getNano() / NANOS_PER_MICRO;
        String text =
                id + "|" + orderId + "|" + amountCents + "|" + currency + "|" + method + "|" + micros + "|" + reference;
        try {
            // Against accidents and DELETEs, not against forgers: MD5 is what every PostgreSQL computes quickly.
            byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has MD5", e);
        }
    }
}
