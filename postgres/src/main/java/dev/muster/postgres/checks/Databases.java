package dev.muster.postgres.checks;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens sessions on one server, in any of its databases. */
@FunctionalInterface
public interface Databases {
    /** A session of its own, which the caller closes. */
    Connection connect(String database) throws SQLException;
}
