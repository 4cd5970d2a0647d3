package dev.muster.embedded.orders;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A set of payments in two numbers that do not depend on its order: how many, and the sum of their hashes. A changed,
 * missing, foreign or doubled row changes the sum.
 *
 * @param hash sum of {@link Payment#hash()}
 */
public record PaymentsDigest(long count, BigInteger hash) {
    public static final PaymentsDigest EMPTY = new PaymentsDigest(0, BigInteger.ZERO);

    /** What a database holds, computed by itself; about a second for a million rows. */
    public static PaymentsDigest in(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*), coalesce(sum(" + Payment.HASH_IN_SQL + "), 0)::text FROM payments")) {
            row.next();
            return new PaymentsDigest(row.getLong(1), new BigInteger(row.getString(2)));
        }
    }

    public PaymentsDigest with(Iterable<Payment> payments) {
        long newCount = count;
        BigInteger newHash = hash;
        for (Payment payment : payments) {
            newCount++;
            newHash = newHash.add(BigInteger.valueOf(payment.hash()));
        }
        return new PaymentsDigest(newCount, newHash);
    }
}
