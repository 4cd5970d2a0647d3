package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.BackupKind;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 8 to 10. */
class IncrementalBackupTest {
    @TempDir
    Path folder;

    private BackupChain chain;

    @BeforeEach
    void start() throws Exception {
        chain = BackupChain.summarizing(folder, "max_wal_size = '64MB'");
        chain.execute(
                "create table accounts (n int primary key, balance int, filler text)",
                "insert into accounts select g, 0, repeat('f', 300) from generate_series(1, 30000) g",
                "create index on accounts (balance)");
    }

    @AfterEach
    void stop() {
        chain.close();
    }

    @Test
    @DisplayName(
            "A chain of full, incremental, incremental and differential restores each to what the cluster held then")
    void aChainRestoresEachToWhatTheClusterHeldThen() throws Exception {
        chain.execute(
                "create table truncated as select g from generate_series(1, 5000) g",
                "create table dropped as select g from generate_series(1, 5000) g",
                "create table shrunk as select g, repeat('s', 200) from generate_series(1, 20000) g",
                "create unlogged table unlogged as select g from generate_series(1, 5000) g",
                "create sequence numbers",
                "create database old_one",
                "vacuum freeze accounts");
        chain.in("old_one", "create table kept as select g from generate_series(1, 1000) g");
        BackupResult full = chain.backup(Wanted.FULL);
        chain.execute(
                "update accounts set balance = balance + n where n % 400 = 0",
                "insert into accounts select g, 1, 'new' from generate_series(30001, 33000) g",
                "truncate truncated",
                "insert into truncated select generate_series(1, 100)",
                "drop table dropped",
                "create table made as select g, md5(g::text) from generate_series(1, 3000) g",
                "delete from shrunk where g > 2000",
                "vacuum (truncate) shrunk",
                "create database by_wal" + BackupChain.strategy("wal_log") + " template old_one",
                "create database by_copy" + BackupChain.strategy("file_copy") + " template old_one",
                "select nextval('numbers') from generate_series(1, 100)",
                "insert into unlogged select g from generate_series(1, 5000) g");
        chain.in("by_copy", "insert into kept values (-1)");
        BackupResult first = chain.keep(BackupKind.INCREMENTAL);
        chain.execute(
                // Clears bits of the visibility map, which no summary tells of.
                "delete from accounts where n between 12000 and 12010",
                "insert into shrunk select g, 'again' from generate_series(3000, 30000) g",
                "vacuum full made",
                "drop database by_wal",
                "create database by_wal" + BackupChain.strategy("file_copy") + " template old_one",
                "vacuum accounts",
                "delete from accounts where n = 20000");
        BackupResult second = chain.keep(BackupKind.INCREMENTAL);
        chain.execute("update accounts set filler = 'short' where n < 500", "checkpoint");
        BackupResult differential = chain.keep(BackupKind.DIFFERENTIAL);

        assertThat(first.summary().making().parent()).contains(full.backupId());
        assertThat(second.summary().making().parent()).contains(first.backupId());
        assertThat(differential.summary().making().parent()).contains(full.backupId());
        for (BackupResult one : java.util.List.of(first, second, differential)) {
            Making making = one.summary().making();
            assertThat(making.method()).as("%s", making).isEqualTo(BackupChain.method());
            assertThat(making.reason())
                    .isEqualTo(
                            BackupChain.hasSummaries()
                                    ? ""
                                    : "all files are read: PostgreSQL before 17 has no WAL summaries");
            assertThat(making.bytesReused()).isGreaterThan(one.summary().rawBytes() / 3);
        }
        assertThat(BackupSummary.of(chain.source()
                        .repository()
                        .backups(BackedUpCluster.SOURCE)
                        .get(1)
                        .summary()))
                .isEqualTo(first.summary());
        chain.compareAll(false);
    }

    @Thorough
    @Test
    @DisplayName("The maps of free space and visibility are whole in an increment: the first is in no summary"
            + " (PostgreSQL recovery 9)")
    void mapsOfFreeSpaceAndVisibilityAreWhole() throws Exception {
        chain.execute("vacuum accounts");
        chain.backup(Wanted.FULL);
        chain.execute("delete from accounts where n between 5000 and 12000", "vacuum accounts", "checkpoint");
        BackupResult incremental = chain.backup(Wanted.of(BackupKind.INCREMENTAL));
        assertThat(incremental.summary().making().method()).isEqualTo(BackupChain.method());
        chain.source().restore(incremental, folder.resolve("copy")).run(dev.muster.postgres.Progress.NONE);
        String relation = chain.source().cluster().value("select pg_relation_filepath('accounts')");
        for (String fork : java.util.List.of("_fsm", "_vm")) {
            assertThat(folder.resolve("copy/data").resolve(relation + fork))
                    .hasSameBinaryContentAs(chain.source().cluster().data().resolve(relation + fork));
        }
    }

    @Thorough
    @Test
    @DisplayName("Without WAL summaries everything is read, only changes are stored, and the backup restores the same")
    void withoutSummariesChangesAreFoundByReading() throws Exception {
        if (BackupChain.hasSummaries()) {
            chain.execute("alter system set summarize_wal = off", "select pg_reload_conf()");
        }
        chain.keep(BackupKind.FULL);
        chain.execute(
                "update accounts set balance = 7 where n between 100 and 200",
                "create table made as select g from generate_series(1, 3000) g",
                "checkpoint");
        BackupResult incremental = chain.keep(BackupKind.INCREMENTAL);
        Making making = incremental.summary().making();
        assertThat(making.method()).isEqualTo(Making.Method.COMPARED);
        assertThat(making.reason())
                .contains(BackupChain.hasSummaries() ? "summarize_wal is off" : "has no WAL summaries");
        assertThat(making.bytesRead()).isGreaterThan(incremental.summary().rawBytes() * 9 / 10);
        assertThat(making.bytesReused()).isGreaterThan(incremental.summary().rawBytes() * 8 / 10);
        chain.compareAll(false);
    }

    @Thorough
    @Test
    @DisplayName("Where summaries leave a gap, everything is read (PostgreSQL recovery 10)")
    void aGapInTheSummariesIsSaidAndEverythingIsRead() throws Exception {
        BackupChain.needsSummaries();
        chain.keep(BackupKind.FULL);
        chain.execute("alter system set summarize_wal = off", "select pg_reload_conf()");
        chain.execute("update accounts set balance = 7 where n = 15000", "checkpoint");
        try (var files =
                java.nio.file.Files.list(chain.source().cluster().data().resolve("pg_wal/summaries"))) {
            files.forEach(file -> file.toFile().delete());
        }
        chain.execute("checkpoint", "alter system set summarize_wal = on", "select pg_reload_conf()");
        chain.execute("update accounts set balance = 8 where n = 16000", "checkpoint");
        try (var files =
                java.nio.file.Files.list(chain.source().cluster().data().resolve("pg_wal/summaries"))) {
            files.sorted().limit(1).forEach(file -> file.toFile().delete());
        }
        BackupResult incremental = chain.backup(
                BackupOptions.DEFAULT.with(Wanted.of(BackupKind.INCREMENTAL)).withSummaryLimit(Duration.ofSeconds(3)));
        chain.keep(incremental);
        assertThat(incremental.summary().making().reason()).contains("no WAL summary tells of the WAL from");
        assertThat(incremental.summary().making().method()).isEqualTo(Making.Method.COMPARED);
        chain.compareAll(false);
    }

    @Test
    @DisplayName("Of a table with 1 % of its blocks changed, at most 1.2 times the changed bytes are read")
    void onlyChangedBlocksAreRead() throws Exception {
        BackupChain.needsSummaries();
        chain.execute(
                "create table large as select g as n, 0 as value, repeat('l', 900) as filler from"
                        + " generate_series(1, 100000) g",
                // Else the first reader of each row leaves its hint there, which changes every block.
                "vacuum freeze large");
        chain.backup(Wanted.FULL);
        // The first one reads what the server still wrote after the full one's start.
        chain.backup(Wanted.of(BackupKind.INCREMENTAL));
        BackupResult idle = chain.backup(Wanted.of(BackupKind.INCREMENTAL));
        long blocks = Long.parseLong(chain.source().cluster().value("select pg_relation_size('large') / 8192"));
        // Rows that stay in their block or fill the last one: each hundredth block.
        chain.execute("delete from large where n % 800 = 1");
        long changed = 100_000 / 800 * 8192L;
        BackupResult incremental = chain.backup(Wanted.of(BackupKind.INCREMENTAL));
        long read = incremental.bytes() - idle.bytes();
        System.out.printf(
                "%d of %d blocks changed: %d bytes read, %d with nothing changed, %d stored of %d%n",
                changed / 8192,
                blocks,
                incremental.bytes(),
                idle.bytes(),
                incremental.summary().storedBytes(),
                incremental.summary().rawBytes());
        assertThat(read).isGreaterThanOrEqualTo(changed).isLessThan(changed * 12 / 10);
    }

    @Thorough
    @Test
    @DisplayName("After a promotion the backup is a full one and says why (PostgreSQL recovery 10)")
    void afterAPromotionTheBackupIsAFullOne() throws Exception {
        BackupResult full = chain.backup(Wanted.FULL);
        RecoveryServer copy = chain.source().recover(full, "copy", new RecoveryTarget.Latest());
        copy.promote(BackedUpCluster.LIMIT);
        PhysicalBackup.Settings settings = PhysicalBackup.Settings.defaults(copy.dataDirectory(), "test");
        PhysicalBackup insisting = new PhysicalBackup(
                chain.source().repository(),
                BackedUpCluster.SOURCE,
                copy.dataSource("postgres"),
                settings.with(BackupOptions.DEFAULT.with(
                        Wanted.of(BackupKind.INCREMENTAL).insisting())));
        assertThatThrownBy(() -> insisting.run(dev.muster.postgres.Progress.NONE))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("PARENT_UNSUITABLE");
                    assertThat(e.getMessage()).contains("promoted");
                });
    }

    @Test
    @DisplayName("A second backup of the source is refused while one is under way, or waits for it")
    void aSecondBackupIsRefusedOrWaits() throws Exception {
        java.util.concurrent.atomic.AtomicReference<String> refused =
                new java.util.concurrent.atomic.AtomicReference<>("");
        PhysicalBackup first = new PhysicalBackup(
                chain.source().repository(),
                BackedUpCluster.SOURCE,
                chain.source().cluster().dataSource(),
                PhysicalBackup.Settings.defaults(chain.source().cluster().data(), "test"));
        first.run((done, total) -> {
            if (refused.compareAndSet("", "asked")) {
                try {
                    chain.backup(BackupOptions.DEFAULT.withOtherLimit(Duration.ZERO));
                } catch (PostgresException e) {
                    refused.set(e.code());
                }
            }
        });
        assertThat(refused).hasValue("BACKUP_UNDER_WAY");
        assertThat(chain.backup(BackupOptions.DEFAULT.withOtherLimit(Duration.ZERO))
                        .backupId())
                .isNotEmpty();
    }

    @Thorough
    @Test
    @DisplayName("A backup reads no faster than its limit")
    void aBackupReadsNoFasterThanItsLimit() {
        BackupResult free = chain.backup(Wanted.FULL);
        BackupResult limited = chain.backup(BackupOptions.DEFAULT.withReadLimit(free.bytes() / 2));
        assertThat(limited.elapsed()).isGreaterThan(Duration.ofMillis(1700));
    }

    @Thorough
    @Test
    @DisplayName("A parent whose list of files is damaged is none: the backup is a full one and says why")
    void aDamagedParentIsNone() throws Exception {
        BackupResult full = chain.backup(Wanted.FULL);
        Path manifest = chain.source()
                .store()
                .resolve("src/" + dev.muster.postgres.BackedUpCluster.SOURCE + "/b/" + full.backupId() + "/manifest");
        byte[] bytes = java.nio.file.Files.readAllBytes(manifest);
        bytes[bytes.length / 2] ^= 1;
        java.nio.file.Files.write(manifest, bytes);
        Making making =
                chain.backup(Wanted.of(BackupKind.INCREMENTAL)).summary().making();
        assertThat(making.kind()).isEqualTo(BackupKind.FULL);
        assertThat(making.parent()).isEmpty();
        assertThat(making.reason()).contains("full instead of incremental").contains("cannot be read");
    }
}
