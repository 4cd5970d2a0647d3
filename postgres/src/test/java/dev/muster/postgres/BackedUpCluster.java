package dev.muster.postgres;

import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoverySettings;
import dev.muster.postgres.restore.RecoveryStatus;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.restore.TargetCheck;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster with an encrypted repository beside it, whose WAL is received all the time. */
public final class BackedUpCluster implements AutoCloseable {
    public static final String SOURCE = "orders-main";
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path folder;
    private final TestCluster cluster;
    private final Repository repository;
    private final WalReceiver receiver;
    private final List<RecoveryServer> copies = new ArrayList<>();

    private BackedUpCluster(Path folder, TestCluster cluster, Repository repository) {
        this.folder = folder;
        this.cluster = cluster;
        this.repository = repository;
        this.receiver = new WalReceiver(
                cluster.address(),
                repository,
                SOURCE,
                new WalReceiver.Settings(
                        "muster", Duration.ofMillis(100), 8 << 20, Duration.ofMillis(50), Duration.ofSeconds(1), false),
                Clock.systemUTC());
        receiver.start();
    }

    public static BackedUpCluster start(Path folder, String... settings) throws Exception {
        return startWithSegments(1, folder, settings);
    }

    /** @param segmentMegabytes size of a WAL segment */
    public static BackedUpCluster startWithSegments(int segmentMegabytes, Path folder, String... settings)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("autovacuum = off", "shared_buffers = '32MB'"));
        all.addAll(List.of(settings));
        TestCluster cluster = TestCluster.start(folder.resolve("source"), segmentMegabytes, all.toArray(String[]::new));
        Path store = Files.createDirectories(folder.resolve("store"));
        return in(Stores.open("file://" + store.toAbsolutePath()), folder, cluster);
    }

    /** With a repository in another store. */
    public static BackedUpCluster startIn(ObjectStore store, Path folder) throws Exception {
        return in(store, folder, TestCluster.start(folder.resolve("source"), 1, "autovacuum = off"));
    }

    private static BackedUpCluster in(ObjectStore store, Path folder, TestCluster cluster) throws Exception {
        KeyFile key = KeyFile.generate(folder.resolve("key"));
        return new BackedUpCluster(folder, cluster, Repository.create(store, key, Clock.systemUTC()));
    }

    public TestCluster cluster() {
        return cluster;
    }

    public Repository repository() {
        return repository;
    }

    public WalReceiver receiver() {
        return receiver;
    }

    public Path store() {
        return folder.resolve("store");
    }

    /** The same without asking the server, which may be down. */
    public WalArchive archive(BackupResult backup) {
        return new WalArchive(
                repository,
                SOURCE,
                backup.summary().systemId(),
                backup.summary().segmentSize());
    }

    public WalArchive archive() throws SQLException {
        return new WalArchive(
                repository, SOURCE, cluster.value("select system_identifier from pg_control_system()"), 1 << 20);
    }

    public BackupResult backup() {
        return backup(PhysicalBackup.Settings.defaults(cluster.data(), "test"));
    }

    public BackupResult backup(PhysicalBackup.Settings settings) {
        return new PhysicalBackup(repository, SOURCE, cluster.dataSource(), settings).run(Progress.NONE);
    }

    /** Waits until everything committed so far is in the store. */
    public Lsn settle() throws SQLException {
        Lsn end = cluster.flushed();
        if (!receiver.awaitDurable(end, LIMIT)) {
            throw new AssertionError("WAL up to " + end + " is not in the store: " + receiver.status());
        }
        return end;
    }

    public PhysicalRestore restore(BackupResult backup, Path copy) {
        return new PhysicalRestore(
                repository, SOURCE, backup.backupId(), RecoveryServer.dataDirectory(copy), "token", 2);
    }

    /** Restores and configures a copy, not started yet. */
    public RecoveryServer prepare(BackupResult backup, String name, RecoveryTarget target) throws Exception {
        return prepare(backup, name, target, 1);
    }

    public RecoveryServer prepare(BackupResult backup, String name, RecoveryTarget target, int timeline)
            throws Exception {
        Path copy = Files.createDirectories(folder.resolve(name));
        restore(backup, copy).run(Progress.NONE);
        RecoveryServer server = new RecoveryServer(TestCluster.installation(), copy, archive(backup));
        server.configure(
                RecoverySettings.defaults(
                        target, timeline, TestCluster.freePort(), RecoverySettings.Access.TRUST_LOCAL),
                backup.summary());
        copies.add(server);
        return server;
    }

    /** Restores a copy and recovers it to a target. */
    public RecoveryServer recover(BackupResult backup, String name, RecoveryTarget target) throws Exception {
        return recover(backup, name, target, 1);
    }

    public RecoveryServer recover(BackupResult backup, String name, RecoveryTarget target, int timeline)
            throws Exception {
        TargetCheck.check(
                target,
                timeline,
                backup.summary(),
                archive(backup),
                Clock.systemUTC().instant());
        RecoveryServer server = prepare(backup, name, target, timeline);
        server.start();
        RecoveryStatus status = server.awaitTarget(LIMIT, Progress.NONE);
        if (status.phase() != RecoveryStatus.Phase.PAUSED) {
            throw new AssertionError("Not paused: " + status);
        }
        return server;
    }

    /** The first column of the first row, asked of a copy. */
    public static String value(RecoveryServer copy, String sql) throws SQLException {
        try (Connection connection = copy.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Override
    public void close() {
        copies.forEach(copy -> {
            copy.server().stopImmediately(LIMIT);
            copy.close();
        });
        receiver.close();
        cluster.close();
        repository.close();
    }
}
