package dev.muster.embedded.orders;

import dev.muster.embedded.database.Login;
import dev.muster.postgres.Lsn;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New orders with their payments, one transaction each, and now and then a change of an older order's status. What is
 * written goes into the ledger, before the commit and after it. The connection may be lost at any moment: a commit
 * without an answer is looked up before anything else is written.
 */
final class PaymentTraffic implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PaymentTraffic.class);
    private static final String APPLICATION = "orders";
    private static final double RECONNECTS_PER_SECOND = 5;
    /** What PostgreSQL says of an id that lies in the future (invalid_parameter_value). */
    private static final String NOT_YET_GIVEN_OUT = "22023";

    private static final int STATUS_CHANGE_ONE_IN = 3;
    private static final int LARGEST_AMOUNT_CENTS = 60_000;

    /** One round trip; the position is taken inside of the transaction, so it is before that of the commit. */
    private static final String WRITE = """
            WITH new_order AS (
                INSERT INTO orders (customer_id, placed_at, status, total_cents, ship_to)
                SELECT c.id, ?, 'paid', ?, ? FROM customers c
                WHERE c.id = 1 + (? % (SELECT max(id) FROM customers))
                RETURNING id),
            new_item AS (
                INSERT INTO order_items (order_id, line, article, quantity, price_cents)
                SELECT id, 1, ?, 1, ? FROM new_order)
            INSERT INTO payments (order_id, amount_cents, currency, method, paid_at, reference)
            SELECT id, ?, 'EUR', ?, ?, ? FROM new_order
            RETURNING id, order_id, amount_cents, currency, method, paid_at, reference,
                      pg_current_xact_id()::text AS xid, pg_current_wal_insert_lsn()::text AS position
            """;

    private static final List<String> METHODS =
            List.of("card", "card", "card", "card", "transfer", "transfer", "wallet", "invoice");

    private final Login login;
    private final LedgerFile ledger;
    private final double perSecond;
    private final Clock clock;
    private final CountDownLatch end;
    private final CountDownLatch firstCommit;
    private final Random random;
    private long sequence;
    private LedgerLine.@Nullable Intent inDoubt;
    private @Nullable Connection connection;

    /**
     * @param ledger open for appending; {@code file} is the same, read once to go on after its last line
     * @param perSecond transactions
     * @param end counted down to stop
     * @param firstCommit counted down when the first transaction is committed
     */
    PaymentTraffic(
            Login login,
            Path file,
            LedgerFile ledger,
            double perSecond,
            long seed,
            Clock clock,
            CountDownLatch end,
            CountDownLatch firstCommit) {
        this.login = login;
        this.ledger = ledger;
        this.perSecond = perSecond;
        this.clock = clock;
        this.end = end;
        this.firstCommit = firstCommit;
        Ledger known = Ledger.read(file);
        this.sequence = known.lastSequence();
        // One transaction at a time, so a writer that died left at most one in doubt: its last.
        this.inDoubt =
                known.inDoubt().values().stream().reduce((first, last) -> last).orElse(null);
        this.random = new Random(seed + sequence);
    }

    @Override
    public void run() {
        Pace pace = new Pace(perSecond, end);
        Pace retry = new Pace(RECONNECTS_PER_SECOND, end);
        boolean going = true;
        while (going) {
            try {
                Connection open = connected();
                settle(open);
                transaction(open);
                firstCommit.countDown();
                going = pace.await();
            } catch (SQLException e) {
                LOG.info("Lost the database, trying again: {}", e.getMessage());
                disconnect();
                going = retry.await();
            }
        }
        disconnect();
    }

    private Connection connected() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = login.connect(APPLICATION);
            open.setAutoCommit(false);
            connection = open;
            LOG.info("Connected to {}", login.url());
        }
        return open;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("A lost connection could not be closed", e);
            }
        }
    }

    /** Asks what became of the commit that was never answered. */
    private void settle(Connection open) throws SQLException {
        LedgerLine.Intent doubtful = inDoubt;
        if (doubtful == null) {
            return;
        }
        Fate fate = fate(open, doubtful);
        switch (fate) {
            case COMMITTED ->
                ledger.append(
                        new LedgerLine.Outcome(doubtful.sequence(), Optional.of(position(open)), clock.instant()));
            case LOST -> ledger.append(new LedgerLine.Outcome(doubtful.sequence(), Optional.empty(), clock.instant()));
            // The old session has not noticed yet that its client is gone.
            case OPEN -> throw new SQLException("Transaction " + doubtful.xid() + " has not ended yet");
        }
        LOG.info("Transaction {} was in doubt: {}", doubtful.xid(), fate);
        inDoubt = null;
        open.rollback();
    }

    private enum Fate {
        COMMITTED,
        LOST,
        OPEN
    }

    /**
     * The id alone does not tell: a server that crashes forgets ids that never reached its disk and gives them out
     * again, so "committed" may be about a stranger. Our own transaction has left its payment, with its random
     * reference.
     */
    private static Fate fate(Connection open, LedgerLine.Intent intent) throws SQLException {
        Payment payment = intent.payments().get(0);
        try (PreparedStatement statement = open.prepareStatement("SELECT coalesce(pg_xact_status(?::xid8), 'unknown'),"
                + " EXISTS (SELECT FROM payments WHERE id = ? AND reference = ?)")) {
            statement.setString(1, intent.xid());
            statement.setLong(2, payment.id());
            statement.setString(3, payment.reference());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return switch (row.getString(1)) {
                    case "in progress" -> Fate.OPEN;
                    case "aborted" -> Fate.LOST;
                    default -> row.getBoolean(2) ? Fate.COMMITTED : Fate.LOST;
                };
            }
        } catch (SQLException e) {
            if (NOT_YET_GIVEN_OUT.equals(e.getSQLState())) {
                open.rollback();
                return Fate.LOST;
            }
            throw e;
        }
    }

    private void transaction(Connection open) throws SQLException {
        LedgerLine.Intent intent = write(open);
        if (random.nextInt(STATUS_CHANGE_ONE_IN) == 0) {
            changeStatus(open, intent.payments().get(0).orderId());
        }
        ledger.append(intent);
        inDoubt = intent;
        open.commit();
        ledger.append(new LedgerLine.Outcome(intent.sequence(), Optional.of(position(open)), clock.instant()));
        inDoubt = null;
        open.rollback();
    }

    private LedgerLine.Intent write(Connection open) throws SQLException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        OffsetDateTime timestamp = now.atOffset(ZoneOffset.UTC);
        long cents = 450 + (long) (Math.pow(random.nextDouble(), 3) * LARGEST_AMOUNT_CENTS);
        byte[] reference = new byte[10];
        random.nextBytes(reference);
        try (PreparedStatement statement = open.prepareStatement(WRITE)) {
            statement.setObject(1, timestamp);
            statement.setLong(2, cents);
            statement.setString(3, 1 + random.nextInt(128) + " Mill Lane, Utrecht");
            statement.setLong(4, random.nextInt(Integer.MAX_VALUE));
            statement.setString(5, String.format(Locale.ROOT, "A%d", random.nextInt(8192)));
            statement.setLong(6, cents);
            statement.setLong(7, cents);
            statement.setString(8, METHODS.get(random.nextInt(METHODS.size())));
            statement.setObject(9, timestamp);
            statement.setString(10, "pi_" + HexFormat.of().formatHex(reference));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("There are no customers in " + login.url() + ".");
                }
                return new LedgerLine.Intent(
                        ++sequence,
                        row.getString("xid"),
                        Lsn.parse(row.getString("position")),
                        List.of(payment(row)),
                        now);
            }
        }
    }

    /** A row with all columns of payments. */
    static Payment payment(ResultSet row) throws SQLException {
        return new Payment(
                row.getLong("id"),
                row.getLong("order_id"),
                row.getLong("amount_cents"),
                row.getString("currency"),
                row.getString("method"),
                row.getObject("paid_at", OffsetDateTime.class).toInstant(),
                row.getString("reference"));
    }

    private void changeStatus(Connection open, long newest) throws SQLException {
        try (PreparedStatement statement =
                open.prepareStatement("UPDATE orders SET status = 'shipped' WHERE id = ? AND status = 'paid'")) {
            statement.setLong(1, Math.max(1, newest - 1 - random.nextInt(10_000)));
            statement.executeUpdate();
        }
    }

    private static Lsn position(Connection open) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }
}
