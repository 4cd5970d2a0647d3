package dev.muster.postgres.rejoin;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.restore.InPlaceRecovery;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.restore.TablespacePlaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** A primary, its backup, and a standby that has all that was shipped and is promoted; both are real servers. */
final class FailedOver implements AutoCloseable {
    private final Path folder;
    final BackedUpCluster source;
    final BackupResult backup;
    final RecoveryServer standby;

    private FailedOver(Path folder, BackedUpCluster source, BackupResult backup, RecoveryServer standby) {
        this.folder = folder;
        this.source = source;
        this.backup = backup;
        this.standby = standby;
    }

    /** What the old primary writes from here on is not shipped. */
    static FailedOver beforePromotion(Path folder) throws Exception {
        BackedUpCluster source = BackedUpCluster.start(
                folder, "max_prepared_transactions = 10", "wal_log_hints = on", "wal_keep_size = '64MB'");
        source.cluster()
                .execute(
                        "create table orders as select g as n, 'shipped' as state from generate_series(1, 1000) g",
                        "create schema shop",
                        "create table shop.items as select g as n from generate_series(1, 100) g");
        BackupResult backup = source.backup();
        source.cluster().execute("insert into shop.items select generate_series(101, 200)");
        source.settle();
        source.receiver().close();
        RecoveryServer standby = source.prepare(backup, "standby", new RecoveryTarget.Latest());
        Files.writeString(
                standby.dataDirectory().resolve("pg_hba.conf"), "host all,replication all 127.0.0.1/32 trust\n");
        standby.start();
        standby.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        return new FailedOver(folder, source, backup, standby);
    }

    void promote() throws Exception {
        standby.promote(BackedUpCluster.LIMIT);
        onNew(
                "insert into orders select g, 'after the failover' from generate_series(5001, 5100) g",
                "create table on_new as select 1 as n");
    }

    void onNew(String... statements) throws Exception {
        try (Connection connection = standby.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    TestCluster old() {
        return source.cluster();
    }

    void crashOld() {
        old().server().stopImmediately(TestCluster.LIMIT);
    }

    NewPrimary primary() {
        return new NewPrimary(
                ServerAddress.trusted("127.0.0.1", standby.port(), "postgres"),
                standby.dataSource("postgres"),
                Clock.systemUTC());
    }

    Ancestry ancestry() {
        return AncestryCheck.of(
                TestCluster.installation(), old().data(), primary(), Optional.of(source.archive(backup)));
    }

    RejoinRequest request(Optional<RejoinMethod> method, Optional<NameBase> names) {
        return new RejoinRequest(
                old().data(),
                folder.resolve("work"),
                BackedUpCluster.SOURCE,
                "run-1",
                "test",
                new InPlaceRecovery.Purpose.Follow(
                        "host=127.0.0.1 port=" + standby.port() + " user=postgres", Optional.of("old_primary")),
                old().dataSource(),
                TablespacePlaces.asOnSource(),
                method,
                Duration.ofSeconds(40),
                1 << 20,
                names);
    }

    Rejoin rejoin(Installation installation, Optional<RejoinMethod> method, Optional<NameBase> names) {
        return new Rejoin(installation, request(method, names), primary(), source.repository());
    }

    Rejoin rejoin() {
        return rejoin(TestCluster.installation(), Optional.empty(), Optional.empty());
    }

    Salvages salvages() {
        return new Salvages(source.repository(), BackedUpCluster.SOURCE);
    }

    @Override
    public void close() {
        source.close();
    }
}
