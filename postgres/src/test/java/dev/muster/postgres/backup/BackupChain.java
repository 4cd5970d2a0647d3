package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresVersion;
import dev.muster.postgres.checks.Amcheck;
import dev.muster.postgres.checks.AmcheckReport;
import dev.muster.postgres.checks.ChecksumCheck;
import dev.muster.postgres.checks.Databases;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.BackupKind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** A cluster, the backups taken of it, and what it held at the time of each. */
final class BackupChain implements AutoCloseable {
    private final BackedUpCluster source;
    private final Map<BackupResult, Map<String, String>> taken = new LinkedHashMap<>();
    private int copies;

    BackupChain(Path folder, String... settings) throws Exception {
        source = BackedUpCluster.start(folder, settings);
        execute("create extension amcheck");
    }

    /** With WAL summaries, where the PostgreSQL in use has them. */
    static BackupChain summarizing(Path folder, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        if (hasSummaries()) {
            all.add("summarize_wal = on");
        }
        return new BackupChain(folder, all.toArray(String[]::new));
    }

    static boolean hasSummaries() {
        return PostgresVersion.current() >= 17;
    }

    /** Skips the test on a PostgreSQL before 17. */
    static void needsSummaries() {
        Assumptions.assumeTrue(hasSummaries(), "PostgreSQL before 17 has no WAL summaries");
    }

    /** How an increment finds out what changed on the PostgreSQL in use. */
    static Making.Method method() {
        return hasSummaries() ? Making.Method.SUMMARIES : Making.Method.COMPARED;
    }

    /** The strategy of CREATE DATABASE; before 15 there is only that of copying files, and no word for it. */
    static String strategy(String name) {
        return PostgresVersion.current() < 15 ? "" : " strategy " + name;
    }

    BackedUpCluster source() {
        return source;
    }

    Databases live() {
        return database -> DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + source.cluster().port() + "/" + database, "postgres", "");
    }

    void execute(String... statements) throws SQLException {
        in("postgres", statements);
    }

    void in(String database, String... statements) throws SQLException {
        try (Connection connection = live().connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    BackupResult backup(Wanted wanted) {
        return backup(BackupOptions.DEFAULT.with(wanted));
    }

    BackupResult backup(BackupOptions options) {
        return source.backup(PhysicalBackup.Settings.defaults(source.cluster().data(), "test")
                .with(options));
    }

    /** Takes a backup and remembers what the cluster holds, to compare with later. */
    BackupResult keep(BackupKind kind) throws SQLException {
        return keep(backup(Wanted.of(kind)));
    }

    BackupResult keep(BackupResult backup) throws SQLException {
        taken.put(backup, ClusterContent.of(live()));
        return backup;
    }

    /** Restores each backup to the very end of itself, where no later WAL hides what it has wrong. */
    void compareAll(boolean indexes) throws Exception {
        source.settle();
        for (Map.Entry<BackupResult, Map<String, String>> one : taken.entrySet()) {
            compare(one.getKey(), new RecoveryTarget.Immediate(), one.getValue(), indexes);
        }
        taken.clear();
    }

    /** @param indexes whether to look up each row in each index too */
    void compare(BackupResult backup, RecoveryTarget target, Map<String, String> expected, boolean indexes)
            throws Exception {
        assertThat(source.repository()
                        .verify(BackedUpCluster.SOURCE, backup.backupId(), 2)
                        .problems())
                .isEmpty();
        RecoveryServer copy = source.recover(backup, "copy" + copies++, target);
        Databases restored = database -> copy.dataSource(database).getConnection();
        assertThat(ClusterContent.of(restored))
                .as("%s", backup.summary().making())
                .isEqualTo(expected);
        if (indexes) {
            AmcheckReport report = Amcheck.run(restored, "postgres", true, Duration.ofMinutes(1));
            assertThat(report.findings()).isEmpty();
        }
        copy.stop(BackedUpCluster.LIMIT);
        assertThat(ChecksumCheck.run(copy.dataDirectory(), 8192, 2).bad()).isZero();
        copy.destroy();
    }

    @Override
    public void close() {
        source.close();
    }
}
