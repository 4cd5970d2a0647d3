package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.BackupKind;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 8 to 10. */
@Thorough
class IncrementalThoroughTest {
    private static final int TABLES = 6;

    @TempDir
    Path folder;

    private BackupChain chain;

    @BeforeEach
    void start() throws Exception {
        chain = BackupChain.summarizing(folder, "max_wal_size = '128MB'");
    }

    @AfterEach
    void stop() {
        chain.close();
    }

    private void create(int table) throws SQLException {
        chain.execute(
                "create table t" + table + " (n int primary key, value int, filler text)",
                "insert into t" + table + " select g, g, repeat('t', 100 + g % 300) from generate_series(1, 6000) g",
                "create index on t" + table + " (value)");
    }

    /** Something that happens to clusters. */
    private void change(Random random) throws SQLException {
        String table = "t" + random.nextInt(TABLES);
        int from = random.nextInt(6000);
        int to = from + 1 + random.nextInt(600);
        switch (random.nextInt(16)) {
            case 0, 1, 2 ->
                chain.execute("update " + table + " set value = value + 1 where n between " + from + " and " + to);
            case 3, 4 -> chain.execute("delete from " + table + " where n between " + from + " and " + to);
            case 5, 6 ->
                chain.execute("insert into " + table + " select g, -g, repeat('i', 200) from generate_series(" + from
                        + ", " + to * 2 + ") g on conflict do nothing");
            case 7, 8 -> chain.execute("vacuum " + table);
            case 9 -> chain.execute("delete from " + table + " where n > " + from, "vacuum (truncate) " + table);
            case 10 -> chain.execute("truncate " + table);
            case 11 -> {
                chain.execute("drop table " + table);
                create(Integer.parseInt(table.substring(1)));
            }
            case 12 -> chain.execute("vacuum full " + table);
            case 13 -> chain.execute("alter table " + table + " set unlogged", "alter table " + table + " set logged");
            case 14 ->
                chain.execute(
                        "drop database if exists other",
                        "create database other" + BackupChain.strategy(random.nextBoolean() ? "wal_log" : "file_copy")
                                + " template template0");
            default -> chain.execute("reindex table " + table, "checkpoint");
        }
    }

    /** Of the long chain. */
    int rounds() {
        return 24;
    }

    @Test
    @DisplayName("Whatever happens between backups, each of a long chain restores to what the cluster held then")
    void aLongChainOfRandomChanges() throws Exception {
        long seed = Long.getLong("muster.seed", System.nanoTime());
        Thorough.Loud.say("Random changes with -Dmuster.seed=" + seed);
        Random random = new Random(seed);
        for (int table = 0; table < TABLES; table++) {
            create(table);
        }
        chain.keep(BackupKind.FULL);
        for (int round = 0; round < rounds(); round++) {
            for (int i = random.nextInt(12); i >= 0; i--) {
                change(random);
            }
            if (random.nextInt(8) == 0) {
                chain.source().cluster().server().stopImmediately(dev.muster.postgres.BackedUpCluster.LIMIT);
                chain.source().cluster().server().start(dev.muster.postgres.BackedUpCluster.LIMIT);
            }
            BackupKind kind = random.nextInt(5) == 0 ? BackupKind.DIFFERENTIAL : BackupKind.INCREMENTAL;
            BackupResult backup = chain.keep(kind);
            assertThat(backup.summary().making().kind())
                    .as("%s", backup.summary().making())
                    .isEqualTo(kind);
            if (round % 6 == 5) {
                chain.compareAll(true);
            }
        }
    }

    @Test
    @DisplayName("Increments taken while the cluster is written to recover to the same rows as the source")
    void incrementsUnderLoad() throws Exception {
        for (int table = 0; table < TABLES; table++) {
            create(table);
        }
        chain.backup(Wanted.FULL);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        Thread load = new Thread(() -> load(stop, rounds), "load");
        load.start();
        List<BackupResult> backups = new ArrayList<>();
        try {
            for (BackupKind kind : List.of(
                    BackupKind.INCREMENTAL, BackupKind.INCREMENTAL, BackupKind.DIFFERENTIAL, BackupKind.INCREMENTAL)) {
                int then = rounds.get();
                await().until(() -> rounds.get() > then + 5);
                backups.add(chain.backup(Wanted.of(kind)));
            }
        } finally {
            stop.set(true);
            load.join();
        }
        chain.source().settle();
        for (BackupResult backup : backups) {
            assertThat(backup.summary().making().method()).isEqualTo(BackupChain.method());
            chain.compare(backup, new RecoveryTarget.Latest(), ClusterContent.of(chain.live()), true);
        }
    }

    private void load(AtomicBoolean stop, AtomicInteger rounds) {
        try (Connection connection = chain.live().connect("postgres");
                Statement statement = connection.createStatement()) {
            for (int i = 0; !stop.get(); i++) {
                String table = "t" + i % TABLES;
                statement.execute("update " + table + " set value = value + 1 where n % 40 = " + i % 40);
                statement.execute("delete from " + table + " where n > " + (5000 + i % 900));
                statement.execute("insert into " + table + " select g, 0, repeat('l', 150) from generate_series(6000, "
                        + (6000 + i % 500) + ") g on conflict do nothing");
                statement.execute("create table churn as select generate_series(1, 2000) n");
                switch (i % 4) {
                    case 0 -> statement.execute("vacuum (truncate) " + table);
                    case 1 -> statement.execute("truncate churn");
                    case 2 -> statement.execute("vacuum full churn");
                    default -> statement.execute("reindex table " + table);
                }
                statement.execute("drop table churn");
                rounds.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @DisplayName("A relation over 1 GB in two files is backed up by blocks in both, grows, and is cut off to one")
    void aRelationOfTwoFiles() throws Exception {
        chain.execute(
                "create table large (n int, filler text) with (fillfactor = 10)",
                "alter table large alter filler set storage plain",
                "insert into large select g, repeat('l', 700) from generate_series(1, 136000) g",
                "vacuum freeze large",
                "create index on large (n)",
                "checkpoint");
        assertThat(Long.parseLong(chain.source().cluster().value("select pg_relation_size('large')")))
                .isGreaterThan((1L << 30) + (16 << 20));
        chain.keep(BackupKind.FULL);
        chain.execute("update large set filler = 'changed' where n in (5, 70000, 131500, 135999)", "checkpoint");
        BackupResult changed = chain.keep(BackupKind.INCREMENTAL);
        assertThat(changed.summary().storedBytes()).isLessThan(20 << 20);
        if (BackupChain.hasSummaries()) {
            assertThat(changed.bytes()).isLessThan(20 << 20);
        }
        chain.execute("insert into large select g, repeat('m', 700) from generate_series(136001, 137000) g");
        chain.keep(BackupKind.INCREMENTAL);
        chain.execute("delete from large where n > 100000", "vacuum (truncate) large");
        assertThat(Long.parseLong(chain.source().cluster().value("select pg_relation_size('large')")))
                .isLessThan(1L << 30);
        chain.keep(BackupKind.INCREMENTAL);
        chain.execute("insert into large select g, repeat('n', 700) from generate_series(200001, 236000) g");
        chain.keep(BackupKind.INCREMENTAL);
        chain.compareAll(false);
    }

    @Test
    @DisplayName("Pages that were bad at the parent's time are read again, also those that are too many to be named"
            + " (PostgreSQL recovery 8)")
    void manyBadPagesAreReadAgain() throws Exception {
        chain.execute(
                "create table worn as select g as n, repeat('w', 1900) as filler from generate_series(1, 6000) g",
                "vacuum freeze worn",
                "checkpoint");
        var cluster = chain.source().cluster();
        Path file = cluster.data().resolve(cluster.value("select pg_relation_filepath('worn')"));
        cluster.server().stop(dev.muster.postgres.BackedUpCluster.LIMIT);
        byte[] sound = Files.readAllBytes(file);
        byte[] worn = sound.clone();
        for (int at = 8000; at < worn.length; at += 8192) {
            worn[at] ^= 1;
        }
        Files.write(file, worn);
        cluster.server().start(dev.muster.postgres.BackedUpCluster.LIMIT);
        BackupResult full = chain.backup(Wanted.FULL);
        assertThat(full.summary().badPages()).hasSize(1000);
        // The disk's own repair, of which no WAL tells.
        cluster.server().stop(dev.muster.postgres.BackedUpCluster.LIMIT);
        Files.write(file, sound);
        cluster.server().start(dev.muster.postgres.BackedUpCluster.LIMIT);
        BackupResult mended = chain.keep(BackupKind.INCREMENTAL);
        assertThat(mended.summary().badPages()).isEmpty();
        assertThat(mended.summary().making().reason()).contains("bad pages");
        chain.compareAll(false);
    }
}
