package dev.muster.postgres.checks;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A query whose first value says whether a copy is sound, such as a count that must not be lower than expected.
 *
 * @param query one statement that returns a row; runs in a transaction that is read only and rolled back
 * @param comparison how the first column of the first row, as text, is compared with {@code expected}
 * @param timeout more than zero
 */
public record SqlCheck(String name, String query, Comparison comparison, String expected, Duration timeout) {
    /** How the actual value relates to the expected one. The last four compare numbers. */
    public enum Comparison {
        EQUALS,
        DIFFERS,
        MATCHES,
        AT_LEAST,
        AT_MOST,
        MORE_THAN,
        LESS_THAN
    }

    /**
     * What came of it.
     *
     * @param actual the value, {@code NULL} for null; empty if the query failed
     * @param problem why it did not pass, empty if it did
     */
    public record Result(String name, boolean passed, String actual, String problem, Duration took) {}

    public SqlCheck {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("The timeout of check " + name + " must be more than zero");
        }
        if (comparison == Comparison.MATCHES) {
            Pattern.compile(expected);
        }
    }

    /** Runs the check; a query that fails or takes too long is a check that did not pass. */
    public Result run(Connection connection) {
        long began = System.nanoTime();
        String problem;
        String actual = "";
        try {
            actual = Optional.ofNullable(value(connection)).orElse("NULL");
            problem = compare(actual) ? "" : "expected " + words() + " " + expected + ", got " + actual;
        } catch (SQLException e) {
            problem = "the query failed: " + e.getMessage();
        } catch (NumberFormatException e) {
            problem = "not a number: " + actual;
        }
        return new Result(name, problem.isEmpty(), actual, problem, Duration.ofNanos(System.nanoTime() - began));
    }

    private @Nullable String value(Connection connection) throws SQLException {
        boolean automatic = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set transaction read only; set local statement_timeout = " + timeout.toMillis());
            try (ResultSet rows = statement.executeQuery(query)) {
                if (!rows.next()) {
                    throw new SQLException("it returned no row");
                }
                return rows.getString(1);
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(automatic);
        }
    }

    private boolean compare(String actual) {
        return switch (comparison) {
            case EQUALS -> actual.equals(expected);
            case DIFFERS -> !actual.equals(expected);
            case MATCHES -> Pattern.matches(expected, actual);
            case AT_LEAST -> number(actual) >= 0;
            case AT_MOST -> number(actual) <= 0;
            case MORE_THAN -> number(actual) > 0;
            case LESS_THAN -> number(actual) < 0;
        };
    }

    private int number(String actual) {
        return new BigDecimal(actual.strip()).compareTo(new BigDecimal(expected.strip()));
    }

    private String words() {
        return comparison == Comparison.EQUALS
                ? "exactly"
                : comparison.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
