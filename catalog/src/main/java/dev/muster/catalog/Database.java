package dev.muster.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;

/** Bounded connections to the catalogue's database; each failure leaves here with a name of its own. */
final class Database implements AutoCloseable {
    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final String where;

    private Database(HikariDataSource pool, String where) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        this.where = where;
    }

    static Database open(CatalogSettings settings) {
        // A reference that leads nowhere is told at once, not as a catalogue that does not answer.
        var unused = settings.password().get();
        return new Database(new HikariDataSource(config(settings)), settings.toString());
    }

    static HikariConfig config(CatalogSettings settings) {
        long statementSeconds = settings.statement().toSeconds();
        HikariConfig config = new HikariConfig();
        config.setPoolName("catalogue");
        config.setJdbcUrl(settings.jdbcUrl());
        config.setCredentialsProvider(
                () -> Credentials.of(settings.user(), settings.password().get()));
        config.setMaximumPoolSize(settings.connections());
        config.setMinimumIdle(1);
        // Whoever only records comes up while the catalogue is down.
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(settings.connect().toMillis());
        config.setValidationTimeout(Math.min(2_000, settings.connect().toMillis()));
        int connectSeconds = (int) Math.max(1, settings.connect().toSeconds());
        config.addDataSourceProperty("ApplicationName", "muster");
        config.addDataSourceProperty("connectTimeout", connectSeconds);
        config.addDataSourceProperty("loginTimeout", connectSeconds);
        // A host that vanished sends no answer at all: the server's own limit does not help then.
        config.addDataSourceProperty("socketTimeout", (int) statementSeconds + 5);
        config.addDataSourceProperty("tcpKeepAlive", true);
        config.addDataSourceProperty(
                "options",
                "-c statement_timeout=" + statementSeconds + "s -c lock_timeout=" + statementSeconds
                        + "s -c idle_in_transaction_session_timeout=60s -c TimeZone=UTC");
        return config;
    }

    /** Runs the work on a connection of its own. */
    <T> T with(HandleCallback<T, RuntimeException> work) {
        try {
            return jdbi.withHandle(work);
        } catch (RuntimeException e) {
            throw DatabaseFailures.translate(e, where);
        }
    }

    /** Runs the work in one transaction. */
    <T> T inTransaction(HandleCallback<T, RuntimeException> work) {
        try {
            return jdbi.inTransaction(work);
        } catch (RuntimeException e) {
            throw DatabaseFailures.translate(e, where);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
