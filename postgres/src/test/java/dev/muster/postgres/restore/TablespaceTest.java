package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.repository.Entry;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablespaceTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;
    private Path elsewhere;
    private String oid;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
        elsewhere = Files.createDirectories(folder.resolve("else where"));
        TestCluster.installation().own(elsewhere);
        source.cluster().execute("create tablespace elsewhere location '" + elsewhere + "'");
        source.cluster()
                .execute(
                        "create table far tablespace elsewhere as select g as n, repeat('x', 500) from"
                                + " generate_series(1, 5000) g",
                        "create unlogged table scratch (n int) tablespace elsewhere",
                        "insert into scratch values (1)");
        oid = source.cluster().value("select oid from pg_tablespace where spcname = 'elsewhere'");
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private Entry entry(BackupResult backup, String path) {
        List<Entry> found = new ArrayList<>();
        source.repository().backup(BackedUpCluster.SOURCE, backup.backupId()).entries(entry -> {
            if (entry.path().toString().equals(path)) {
                found.add(entry);
            }
        });
        assertThat(found).as(path).hasSize(1);
        return found.get(0);
    }

    private static long size(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private PhysicalRestore restore(BackupResult backup, Path target, RestoreOptions options) {
        return new PhysicalRestore(
                source.repository(), BackedUpCluster.SOURCE, backup.backupId(), target, "token", options);
    }

    @Test
    @DisplayName("A copy's tablespaces lie beside its data directory, whatever the source's WAL writes there"
            + " (Failover 14)")
    void aCopyHasItsTablespacesForItself() throws Exception {
        BackupResult backup = source.backup();
        source.cluster()
                .execute(
                        "update far set n = -n where n % 2 = 0",
                        "create table later (n int) tablespace elsewhere",
                        "insert into later values (7)",
                        "create database there tablespace elsewhere");
        source.settle();
        source.cluster().execute("checkpoint");
        long before = size(elsewhere);
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        assertThat(BackedUpCluster.value(copy, "select sum(n) from far"))
                .isEqualTo(source.cluster().value("select sum(n) from far"));
        assertThat(BackedUpCluster.value(copy, "select n from later")).isEqualTo("7");
        Path mapped = folder.resolve("copy/data-tablespaces").resolve(oid);
        assertThat(copy.dataDirectory().resolve("pg_tblspc").resolve(oid).toRealPath())
                .isEqualTo(mapped.toRealPath());
        assertThat(size(mapped)).isGreaterThan(2_000_000);
        assertThat(copy.dataDirectory().resolve("tablespace_map")).doesNotExist();
        copy.promote(BackedUpCluster.LIMIT);
        assertThat(BackedUpCluster.value(copy, "select count(*) from scratch")).isEqualTo("0");
        assertThat(BackedUpCluster.value(copy, "insert into later values (8) returning n"))
                .isEqualTo("8");
        Path own = Files.createDirectories(folder.resolve("its own"));
        TestCluster.installation().own(own);
        try (var connection = copy.dataSource("postgres").getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create tablespace own location '" + own + "'");
        }
        assertThat(size(elsewhere)).isEqualTo(before);
        assertThat(source.cluster().value("select count(*) from later")).isEqualTo("1");
        copy.destroy();
        assertThat(mapped).doesNotExist();
        assertThat(size(elsewhere)).isEqualTo(before);
    }

    @Test
    @DisplayName("tablespace_map is kept byte for byte, and used only where the tablespaces go back to their places"
            + " (PostgreSQL recovery 5)")
    void theMapIsByteForByte() throws Exception {
        BackupResult backup = source.backup();
        Entry tablespace = entry(backup, "pg_tblspc/" + oid);
        assertThat(tablespace.attributes()).containsEntry("tablespace", elsewhere.toString());
        Path copy = Files.createDirectories(folder.resolve("copy"));
        restore(backup, copy.resolve("data"), RestoreOptions.defaults()).run(Progress.NONE);
        // PostgreSQL's own form: the oid, a space, the folder, a line feed.
        assertThat(Files.readString(copy.resolve("data/tablespace_map.source")))
                .isEqualTo(oid + " " + elsewhere + "\n");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Path gone = Files.move(elsewhere, folder.resolve("moved away"));
        Path live = folder.resolve("live");
        restore(backup, live, RestoreOptions.defaults().withTablespaces(TablespacePlaces.asOnSource()))
                .run(Progress.NONE);
        assertThat(Files.readString(live.resolve("tablespace_map"))).isEqualTo(oid + " " + elsewhere + "\n");
        assertThat(size(elsewhere)).isGreaterThan(2_000_000);
        assertThat(gone).exists();
    }

    @Test
    @Thorough
    void aTablespaceGoesWhereTheOperatorSays() throws Exception {
        BackupResult backup = source.backup();
        source.settle();
        for (String name : List.of(oid, elsewhere.toString())) {
            Path place = folder.resolve("new place " + name.length());
            Path copy = Files.createDirectories(folder.resolve("copy" + name.length()));
            restore(
                            backup,
                            RecoveryServer.dataDirectory(copy),
                            RestoreOptions.defaults()
                                    .withTablespaces(TablespacePlaces.parse(List.of(name + "=" + place), false)))
                    .run(Progress.NONE);
            RecoveryServer server = new RecoveryServer(TestCluster.installation(), copy, source.archive(backup));
            server.configure(
                    RecoverySettings.defaults(
                            new RecoveryTarget.Immediate(),
                            1,
                            TestCluster.freePort(),
                            RecoverySettings.Access.TRUST_LOCAL),
                    backup.summary());
            TestCluster.installation().own(place);
            server.start();
            server.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
            assertThat(BackedUpCluster.value(server, "select count(*) from far"))
                    .isEqualTo("5000");
            assertThat(size(place)).isGreaterThan(2_000_000);
            server.destroy();
        }
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    @Test
    void aPlaceThatIsInTheWayOfAnotherOrInUseIsRefusedUntouched() throws Exception {
        BackupResult backup = source.backup();
        Path target = folder.resolve("copy");
        for (String place : List.of(target.toString(), target + "/inside", folder.toString())) {
            assertThat(code(() -> restore(
                                    backup,
                                    target,
                                    RestoreOptions.defaults()
                                            .withTablespaces(TablespacePlaces.parse(List.of(oid + "=" + place), false)))
                            .run(Progress.NONE)))
                    .as(place)
                    .isEqualTo("TABLESPACE_PLACE_REFUSED");
        }
        for (String text : List.of("", oid, oid + "=", "=/x", oid + "=relative", "99=/x")) {
            assertThat(code(() -> restore(
                                    backup,
                                    target,
                                    RestoreOptions.defaults()
                                            .withTablespaces(TablespacePlaces.parse(List.of(text), false)))
                            .run(Progress.NONE)))
                    .as(text)
                    .isEqualTo("TABLESPACE_PLACE_REFUSED");
        }
        assertThat(code(() -> restore(
                                backup,
                                target,
                                RestoreOptions.defaults().withTablespaces(TablespacePlaces.asOnSource()))
                        .run(Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        assertThat(target).doesNotExist();
        assertThat(source.cluster().value("select count(*) from far")).isEqualTo("5000");
    }

    @Test
    @Thorough
    void aTablespaceInsideTheDataDirectoryIsBackedUpAndRestoredInPlace() throws Exception {
        source.cluster()
                .execute(
                        "set allow_in_place_tablespaces = on",
                        "create tablespace here location ''",
                        "create table near tablespace here as select generate_series(1, 3000) n");
        BackupResult backup = source.backup();
        source.settle();
        String here = source.cluster().value("select oid from pg_tablespace where spcname = 'here'");
        assertThat(entry(backup, "pg_tblspc/" + here).attributes()).isEmpty();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        assertThat(BackedUpCluster.value(copy, "select count(*) from near")).isEqualTo("3000");
        assertThat(copy.dataDirectory().resolve("pg_tblspc").resolve(here))
                .isDirectory()
                .satisfies(path -> assertThat(Files.isSymbolicLink(path)).isFalse());
    }

    @Test
    @Thorough
    void aTablespaceThatIsDroppedInTheWalDoesNotStopReplay() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("drop table far, scratch", "drop tablespace elsewhere", "create table t (n int)");
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        assertThat(BackedUpCluster.value(copy, "select count(*) from pg_tablespace where spcname = 'elsewhere'"))
                .isEqualTo("0");
    }

    @Test
    @Thorough
    void aTablespaceWhoseFolderIsNotThereFailsTheBackup() throws Exception {
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Path away = Files.move(elsewhere, folder.resolve("away"));
        source.cluster().server().start(BackedUpCluster.LIMIT);
        assertThatThrownBy(source::backup)
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("TABLESPACE_UNREADABLE"));
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).isEmpty();
        Files.move(away, elsewhere);
    }

    @Test
    @Thorough
    @DisplayName("A tablespace whose disk is not mounted, so that its folder is there and empty, fails the backup")
    void aTablespaceWhoseFolderIsEmptyFailsTheBackup() throws Exception {
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        Path away = Files.move(elsewhere, folder.resolve("away"));
        Files.createDirectories(elsewhere);
        source.cluster().server().start(BackedUpCluster.LIMIT);
        assertThat(code(source::backup)).isEqualTo("TABLESPACE_UNREADABLE");
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).isEmpty();
        Files.delete(elsewhere);
        Files.move(away, elsewhere);
    }

    @Test
    @DisplayName("A restore that goes on writes no tablespace where other files are (Failover 9)")
    void goingOnElsewhereOverwritesNothingThere() throws Exception {
        BackupResult backup = source.backup();
        Path target = folder.resolve("copy");
        Progress half = new Progress() {
            private volatile boolean enough;

            @Override
            public void advanced(long done, long total) {
                enough |= done > total / 2;
            }

            @Override
            public boolean cancelled() {
                return enough;
            }
        };
        assertThat(code(() -> restore(backup, target, RestoreOptions.defaults()).run(half)))
                .isEqualTo("CANCELLED");
        Path precious = Files.createDirectories(folder.resolve("precious"));
        Files.writeString(precious.resolve("file"), "do not touch");
        RestoreOptions options = RestoreOptions.defaults();
        for (TablespacePlaces places :
                List.of(TablespacePlaces.asOnSource(), TablespacePlaces.parse(List.of(oid + "=" + precious), false))) {
            PhysicalRestore other = restore(backup, target, options.withTablespaces(places));
            assertThat(code(() -> other.plan(Progress.NONE))).isEqualTo("TARGET_NOT_EMPTY");
            assertThat(code(() -> other.run(Progress.NONE))).isEqualTo("TARGET_NOT_EMPTY");
        }
        assertThat(precious.resolve("file")).hasContent("do not touch");
        assertThat(source.cluster().value("select count(*) from far")).isEqualTo("5000");
        restore(backup, target, options).run(Progress.NONE);
        assertThat(size(folder.resolve("copy-tablespaces"))).isGreaterThan(2_000_000);
    }
}
