package dev.muster.embedded.orders;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.database.Login;
import dev.muster.postgres.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Fills an empty database with the orders data set, computed by the server itself, every row through the WAL. */
public final class OrdersLoad {
    private static final String APPLICATION = "orders load";

    private final Login application;
    private final OrdersSize size;
    private final Clock clock;

    /** @param application the role that shall own the tables */
    public OrdersLoad(Login application, OrdersSize size, Clock clock) {
        this.application = application;
        this.size = size;
        this.clock = clock;
    }

    /**
     * Creates and fills the tables, then adds keys, indexes and references. Uses two connections, for two cores.
     *
     * @return the payments that are there now, for the ledger to start from
     * @throws EmbeddedException ORDERS_LOAD_FAILED
     */
    public LedgerLine.Base run() {
        ExecutorService second = Executors.newSingleThreadExecutor();
        try (Connection connection = application.open(APPLICATION)) {
            script(connection, "tables");
            Future<?> payments = second.submit(alongside("payments"));
            script(connection, "customers");
            script(connection, "orders");
            script(connection, "items");
            payments.get();
            script(connection, "references");
            // Now rather than by autovacuum in the middle of the demo.
            Future<?> vacuum = second.submit(() -> {
                try (Connection other = application.open(APPLICATION);
                        Statement statement = other.createStatement()) {
                    statement.execute("VACUUM (ANALYZE) customers, orders, order_items");
                }
                return null;
            });
            try (Statement statement = connection.createStatement()) {
                statement.execute("VACUUM (ANALYZE) payments");
            }
            PaymentsDigest digest = PaymentsDigest.in(connection);
            vacuum.get();
            return new LedgerLine.Base(digest, position(connection), clock.instant());
        } catch (SQLException e) {
            throw failed(e);
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException("INTERRUPTED", "Interrupted while loading orders", "The run is ending.", e);
        } finally {
            second.shutdownNow();
        }
    }

    private Callable<Void> alongside(String name) {
        return () -> {
            try (Connection connection = application.open(APPLICATION)) {
                script(connection, name);
            }
            return null;
        };
    }

    private static EmbeddedException failed(Throwable e) {
        return new EmbeddedException(
                "ORDERS_LOAD_FAILED",
                "Cannot load the orders data set: " + e.getMessage(),
                "Is there space for about a gigabyte? The server's log says more.",
                e);
    }

    private static Lsn position(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    private void script(Connection connection, String name) throws SQLException {
        String sql = resource(name + ".sql")
                .replace("${orders}", Integer.toString(size.orders()))
                .replace("${customers}", Integer.toString(size.customers()))
                .replace("${seed}", Long.toString(size.seed()));
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String resource(String name) {
        String path = "/dev/muster/embedded/orders/" + name;
        try (InputStream stream = OrdersLoad.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("Not on the class path: " + path);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path, e);
        }
    }
}
