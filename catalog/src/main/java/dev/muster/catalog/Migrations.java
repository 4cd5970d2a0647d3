package dev.muster.catalog;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Creates and updates the catalogue's tables, and tells whether they are as this version needs them. */
final class Migrations {
    /** The newest migration in the resources; a newer database is fine, since migrations keep what is there usable. */
    private static final int NEEDED = 1;

    private static final Duration LONGEST = Duration.ofHours(1);

    private static final Set<String> NO_FAULT_OF_TABLES =
            Set.of("CATALOG_UNREACHABLE", "CATALOG_LOGIN_FAILED", "CATALOG_TIMEOUT");

    private static final String HISTORY = "schema_version";

    private Migrations() {}

    static void run(CatalogSettings settings) {
        // A change of a large table takes longer than any question may.
        CatalogSettings patient = new CatalogSettings(
                settings.jdbcUrl(), settings.user(), settings.password(), 2, settings.connect(), LONGEST);
        try (HikariDataSource pool = new HikariDataSource(Database.config(patient))) {
            Flyway.configure()
                    .dataSource(pool)
                    .schemas("record", "index")
                    .defaultSchema("record")
                    .table(HISTORY)
                    .locations("classpath:dev/muster/catalog/migrations")
                    .failOnMissingLocations(true)
                    .validateMigrationNaming(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw translate(e, settings.toString());
        }
    }

    private static CatalogException translate(FlywayException error, String where) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && !(cause.getCause() instanceof SQLException)) {
                CatalogException known = DatabaseFailures.translate(sql, error, where);
                if (NO_FAULT_OF_TABLES.contains(known.code())) {
                    return known;
                }
            }
        }
        return new CatalogException(
                "CATALOG_MIGRATION_FAILED",
                "The catalogue's tables could not be created or updated: " + error.getMessage(),
                "May the user create schemas in this database, and was it made by Muster alone?",
                error);
    }

    static void check(Database database) {
        boolean there = database.with(handle -> handle.createQuery(
                        "select exists (select from record." + HISTORY + " where success and version = :needed)")
                .bind("needed", Integer.toString(NEEDED))
                .mapTo(Boolean.class)
                .one());
        if (!there) {
            throw DatabaseFailures.notMigrated("migration " + NEEDED + " was not applied.", null);
        }
    }
}
