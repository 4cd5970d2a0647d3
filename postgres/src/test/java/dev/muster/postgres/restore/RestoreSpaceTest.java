package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreSpaceTest {
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    private BackedUpCluster source;
    private Path disk;
    private Path other;
    private Path place;
    private BackupResult backup;
    private RestoreOptions options;

    /** An old data directory on one disk with its tablespace on another. */
    @BeforeEach
    void start() throws Exception {
        disk = Files.createDirectories(folder.resolve("disk"));
        other = Files.createDirectories(folder.resolve("other"));
        PhysicalRestoreTest.mountOrSkip(disk, "500m");
        PhysicalRestoreTest.mountOrSkip(other, "40m");
        source = BackedUpCluster.start(folder);
        Path far = Files.createDirectories(folder.resolve("far"));
        TestCluster.installation().own(far);
        source.cluster().execute("create tablespace far location '" + far + "'");
        source.cluster()
                .execute("create table t tablespace far as select repeat('x', 500) from generate_series(1, 9000) g");
        backup = source.backup();
        place = other.resolve("far");
        String oid = source.cluster().value("select oid from pg_tablespace where spcname = 'far'");
        options = RestoreOptions.defaults().withTablespaces(new TablespacePlaces(Map.of(oid, place), false));
        restore(options).run(Progress.NONE);
        options = options.overwriting(backup.summary().systemId());
        Files.delete(data().resolve("backup_label"));
        Files.delete(data().resolve(RestoreTarget.MARKER));
    }

    @AfterEach
    void stop() throws Exception {
        if (source != null) {
            source.close();
        }
        PhysicalRestoreTest.run("umount", disk.toString());
        PhysicalRestoreTest.run("umount", other.toString());
    }

    private Path data() {
        return disk.resolve("data");
    }

    private PhysicalRestore restore(RestoreOptions how) {
        return new PhysicalRestore(
                source.repository(), BackedUpCluster.SOURCE, backup.backupId(), data(), "token", how);
    }

    private Path largestInTablespace() throws IOException {
        try (var files = Files.walk(place)) {
            return files.filter(Files::isRegularFile)
                    .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
        }
    }

    private static long free(Path disk) throws IOException {
        return Files.getFileStore(disk).getUsableSpace();
    }

    private static void file(Path path, long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
    }

    @Test
    @DisplayName("What an old data directory frees on one disk makes no room on another")
    void whatGoesFromOneDiskMakesNoRoomOnAnother() throws Exception {
        long used = (500 * MEGABYTE - free(disk)) / MEGABYTE;
        PhysicalRestoreTest.run("mount", "-o", "remount,size=" + (used + 30) + "m", disk.toString());
        Path leftover = largestInTablespace().resolveSibling("leftover");
        file(leftover, 300 * MEGABYTE);

        RestorePlan plan = restore(options).plan(Progress.NONE);
        assertThat(plan.disks()).hasSize(2);
        assertThat(plan.spaceMissing()).isBetween(30 * MEGABYTE, 45 * MEGABYTE);
        assertThatThrownBy(() -> restore(options).run(Progress.NONE))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("DISK_FULL");
                    assertThat(e.getMessage()).contains(disk + " (tmpfs)");
                });
        assertThat(leftover).exists();
    }

    @Test
    @DisplayName("What is to come beside the restore is refused before it begins where it has no room")
    void whatComesBesidesNeedsRoomToo() throws Exception {
        RestoreOptions.Besides wal = new RestoreOptions.Besides(other.resolve("wal"), 39 * MEGABYTE);
        assertThat(restore(options).plan(Progress.NONE).spaceMissing()).isZero();
        assertThat(restore(options.withRoomFor(wal)).plan(Progress.NONE).spaceMissing())
                .isBetween(MEGABYTE, 10 * MEGABYTE);
        assertThatThrownBy(() -> restore(options.withRoomFor(wal)).run(Progress.NONE))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("DISK_FULL");
                    assertThat(e.getMessage()).contains(other + " (tmpfs)");
                });
    }

    @Test
    @DisplayName("What goes from a tablespace's disk and from pg_wal's own disk makes room there")
    void whatGoesMakesRoomOnItsOwnDisk() throws Exception {
        Path large = largestInTablespace();
        long size = Files.size(large);
        file(large, 0);
        Path wal = Files.createDirectories(other.resolve("wal"));
        Files.deleteIfExists(data().resolve("pg_wal/archive_status"));
        Files.deleteIfExists(data().resolve("pg_wal/summaries"));
        Files.delete(data().resolve("pg_wal"));
        Files.createSymbolicLink(data().resolve("pg_wal"), wal);
        Path old = wal.resolve("000000010000000000000009");
        Files.write(old, new byte[Math.toIntExact(free(other) - MEGABYTE)]);
        assertThat(free(other)).isLessThan(size);

        RestorePlan plan = restore(options).plan(Progress.NONE);
        assertThat(plan.spaceMissing()).isZero();
        assertThat(plan.removed()).contains(data().resolve("pg_wal").resolve(old.getFileName()));
        restore(options).run(Progress.NONE);
        assertThat(large).hasSize(size);
        assertThat(old).doesNotExist();
    }
}
