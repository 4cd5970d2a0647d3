package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Server;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "Failover" 9: a data directory is never overwritten without permission. */
class DeltaRestoreTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;
    private BackupResult backup;
    private Path live;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
        source.cluster()
                .execute(
                        "create table large as select g as n, md5(g::text) as text from generate_series(1, 200000) g",
                        "create table small (n int)",
                        "insert into small values (1)",
                        "checkpoint");
        backup = source.backup();
        live = source.cluster().data();
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private PhysicalRestore restore(String token, RestoreOptions options) {
        return new PhysicalRestore(
                source.repository(), BackedUpCluster.SOURCE, backup.backupId(), live, token, options);
    }

    private RestoreOptions permitted() {
        return RestoreOptions.defaults().overwriting(backup.summary().systemId());
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    private Map<String, Long> files() throws Exception {
        Map<String, Long> files = new TreeMap<>();
        try (var paths = Files.walk(live)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(live.relativize(path).toString(), Files.size(path));
            }
        }
        return files;
    }

    @Test
    void withoutPermissionForThatSystemOrWithAServerOnItNothingIsTouched() throws Exception {
        assertThat(code(() -> restore("run", permitted()).run(Progress.NONE))).isEqualTo("TARGET_IN_USE");
        assertThat(code(() -> restore("run", permitted()).plan(Progress.NONE))).isEqualTo("TARGET_IN_USE");
        assertThat(source.cluster().value("select count(*) from small")).isEqualTo("1");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Map<String, Long> before = files();
        assertThat(code(() -> restore("run", RestoreOptions.defaults()).run(Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        assertThat(code(() -> restore("run", RestoreOptions.defaults().overwriting("7"))
                        .run(Progress.NONE)))
                .isEqualTo("SYSTEM_MISMATCH");
        Path precious = Files.createDirectories(folder.resolve("precious"));
        Files.writeString(precious.resolve("data"), "do not touch");
        assertThat(code(() -> new PhysicalRestore(
                                source.repository(),
                                BackedUpCluster.SOURCE,
                                backup.backupId(),
                                precious,
                                "run",
                                permitted())
                        .run(Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        TestCluster other = TestCluster.startAnother(folder.resolve("other"), 1);
        other.server().stop(BackedUpCluster.LIMIT);
        assertThat(code(() -> new PhysicalRestore(
                                source.repository(),
                                BackedUpCluster.SOURCE,
                                backup.backupId(),
                                other.data(),
                                "run",
                                permitted())
                        .run(Progress.NONE)))
                .isEqualTo("SYSTEM_MISMATCH");
        assertThat(files()).isEqualTo(before);
        source.cluster().server().start(BackedUpCluster.LIMIT);
    }

    @Test
    void onlyWhatDiffersIsWrittenAndWhatTheBackupLacksIsRemoved() throws Exception {
        source.cluster()
                .execute("insert into small values (2)", "create table later as select generate_series(1, 9999)");
        Lsn end = source.settle();
        source.cluster().execute("delete from small", "checkpoint");
        source.settle();
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "do not touch");
        Files.createSymbolicLink(live.resolve("link"), outside);
        Files.createDirectories(live.resolve("stray/deep"));
        Files.writeString(live.resolve("stray/deep/file"), "x");

        Map<String, Long> before = files();
        RestorePlan plan = restore("run", permitted()).plan(Progress.NONE);
        assertThat(files()).isEqualTo(before);
        assertThat(plan.overwrites()).isTrue();
        assertThat(plan.toWrite()).isPositive().isLessThan(plan.bytes() / 2);
        assertThat(plan.removed())
                .contains(live.resolve("link"), live.resolve("stray/deep/file"), live.resolve("stray"));
        assertThat(plan.freed()).isPositive();
        assertThat(plan.spaceMissing()).isZero();

        RestoreResult result = restore("run", permitted()).run(Progress.NONE);
        assertThat(result.written()).isPositive().isLessThanOrEqualTo(plan.toWrite());
        assertThat(outside.resolve("precious")).hasContent("do not touch");
        assertThat(live.resolve("link")).doesNotExist();
        assertThat(live.resolve("stray")).doesNotExist();
        try (var wal = Files.list(live.resolve("pg_wal"))) {
            assertThat(wal.filter(Files::isRegularFile)).isEmpty();
        }

        recoverInPlace(new InPlaceRecovery.Purpose.Recover(
                new RecoveryTarget.Position(end, true), 1, InPlaceRecovery.AtTarget.PROMOTE));
        assertThat(source.cluster().value("select string_agg(n::text, ',' order by n) from small"))
                .isEqualTo("1,2");
        assertThat(source.cluster().value("select count(*) from large where md5(n::text) = text"))
                .isEqualTo("200000");
        assertThat(source.cluster().value("select count(*) from later")).isEqualTo("9999");
        assertThat(source.cluster().value("select pg_walfile_name(pg_current_wal_lsn())"))
                .startsWith("00000002");
    }

    /** As at 3 a.m.: the live place itself, brought to a point. */
    private void recoverInPlace(InPlaceRecovery.Purpose purpose) throws Exception {
        Path spool = folder.resolve("spool");
        InPlaceRecovery.configure(live, purpose, Optional.of(WalSpool.restoreCommand(spool, Duration.ofSeconds(30))));
        TestCluster.installation().own(live);
        try (WalSpool filler =
                WalSpool.start(spool, source.archive(backup).along(1), TestCluster.installation()::own)) {
            source.cluster().server().start(BackedUpCluster.LIMIT);
            org.awaitility.Awaitility.await()
                    .atMost(BackedUpCluster.LIMIT)
                    .until(() ->
                            source.cluster().value("select pg_is_in_recovery()").equals("f"));
            assertThat(filler.trouble()).isEmpty();
        }
    }

    @Test
    @DisplayName("A delta restore that was interrupted cannot be started by anybody, and goes on with its token"
            + " (PostgreSQL recovery 5)")
    void anInterruptedDeltaRestoreGoesOn() throws Exception {
        source.cluster().execute("update large set text = 'other' where n % 3 = 0", "checkpoint");
        source.settle();
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        assertThat(code(() -> restore("run", permitted()).run(new Progress() {
                    private volatile boolean enough;

                    @Override
                    public void advanced(long done, long total) {
                        enough |= done > total / 2;
                    }

                    @Override
                    public boolean cancelled() {
                        return enough;
                    }
                })))
                .isEqualTo("CANCELLED");
        assertThat(live.resolve(ControlFile.PATH)).doesNotExist();
        Server server = source.cluster().server();
        assertThat(code(() -> server.start(Duration.ofSeconds(10)))).isEqualTo("POSTGRES_PROGRAM_FAILED");
        assertThat(code(() -> restore("another run", RestoreOptions.defaults()).run(Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        // Another run with the permission takes over.
        assertThat(restore("another run", permitted()).plan(Progress.NONE).overwrites())
                .isTrue();
        restore("run", permitted()).run(Progress.NONE);
        assertThat(restore("run", permitted()).run(Progress.NONE).written()).isZero();
        recoverInPlace(new InPlaceRecovery.Purpose.Recover(
                new RecoveryTarget.Immediate(), 1, InPlaceRecovery.AtTarget.PROMOTE));
        assertThat(source.cluster().value("select count(*) from large where md5(n::text) = text"))
                .isEqualTo("200000");
    }

    @Test
    @Thorough
    void walOnADiskOfItsOwnStaysThereAndIsEmptied() throws Exception {
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Path wal = Files.move(live.resolve("pg_wal"), folder.resolve("wal disk"));
        Files.createSymbolicLink(live.resolve("pg_wal"), wal);
        restore("run", permitted()).run(Progress.NONE);
        assertThat(Files.isSymbolicLink(live.resolve("pg_wal"))).isTrue();
        try (var files = Files.list(wal)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    @DisplayName("A delta restore does not write through hard links: a copy made with cp -al keeps what it had")
    void whatIsLinkedElsewhereIsNotWrittenThrough() throws Exception {
        source.cluster().execute("update small set n = 2", "checkpoint");
        String small = source.cluster().value("select pg_relation_filepath('small')");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        byte[] old = Files.readAllBytes(live.resolve(small));
        Files.createLink(folder.resolve("saved"), live.resolve(small));
        long toWrite = restore("run", permitted()).plan(Progress.NONE).toWrite();
        assertThat(restore("run", permitted()).run(Progress.NONE).written())
                .isPositive()
                .isLessThanOrEqualTo(toWrite);
        assertThat(folder.resolve("saved")).hasBinaryContent(old);
        assertThat(Files.readAllBytes(live.resolve(small))).isNotEqualTo(old);
    }
}
