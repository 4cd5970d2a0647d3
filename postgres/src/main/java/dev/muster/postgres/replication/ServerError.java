package dev.muster.postgres.replication;

import dev.muster.postgres.PostgresException;

/** An error that the server reported, with its five-character SQLSTATE. */
public final class ServerError extends PostgresException {
    private final String sqlState;

    ServerError(String code, String message, String hint, String sqlState) {
        super(code, message, hint);
        this.sqlState = sqlState;
    }

    /** Such as {@code 58P01} for a WAL segment that has been removed. */
    public String sqlState() {
        return sqlState;
    }
}
