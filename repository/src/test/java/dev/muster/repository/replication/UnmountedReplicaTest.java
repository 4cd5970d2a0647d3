package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.readonly.ReadOnlyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica on a disk that is not mounted: its folder is there, and empty. */
class UnmountedReplicaTest {
    private static final ReplicationOptions OPTIONS = new ReplicationOptions("replicator").withThreads(1);

    @TempDir
    private Path directory;

    private SmallRepository small;
    private Path mountPoint;

    @BeforeEach
    void create() throws IOException {
        small = SmallRepository.filled(directory);
        mountPoint = Files.createDirectory(directory.resolve("mount"));
    }

    @AfterEach
    void close() {
        small.close();
    }

    /** As another process sees it. */
    private ObjectStore replica() {
        return Stores.open(mountPoint.toUri().toString());
    }

    private ReplicationReport replicate(ReplicationOptions options) {
        return Replication.of(small.repository, replica(), options, Clock.systemUTC())
                .run(ReplicationProgress.NONE);
    }

    private void unmount() throws IOException {
        Files.move(mountPoint, directory.resolve("disk"));
        Files.createDirectory(mountPoint);
    }

    private void mount() throws IOException {
        Files.delete(mountPoint);
        Files.move(directory.resolve("disk"), mountPoint);
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(RepositoryException.class, e -> {
            assertThat(e.code()).isEqualTo("REPLICA_EMPTY");
            assertThat(e.hint()).contains("mounted", "--new");
        });
    }

    @Test
    @DisplayName(
            "Repository and stores 6: a replica whose disk is not mounted is not made again below the mount point, nor"
                    + " called behind; mounted again it goes on")
    void notMounted() throws IOException {
        assertThat(replicate(OPTIONS).sound()).isTrue();
        unmount();
        assertRefused(() -> replicate(OPTIONS));
        assertRefused(() -> Replication.withoutKey(small.store, replica(), OPTIONS, Clock.systemUTC())
                .run(ReplicationProgress.NONE));
        assertRefused(() -> ReplicaStatus.of(small.repository, replica(), List.of(SOURCE), Clock.systemUTC()));
        assertThat(mountPoint).isEmptyDirectory();
        mount();
        assertThat(replicate(OPTIONS).objects()).isZero();
        assertThat(ReplicaStatus.of(small.repository, replica(), List.of(SOURCE), Clock.systemUTC())
                        .current())
                .isTrue();
    }

    @Test
    @DisplayName("An empty disk in the place of one that is lost becomes a replica when somebody says that it is new")
    void replaced() throws IOException {
        assertThat(replicate(OPTIONS).sound()).isTrue();
        unmount();
        assertThat(replicate(OPTIONS.withNew()).sound()).isTrue();
        try (Repository copy = small.open(replica())) {
            assertThat(copy.backups(SOURCE)).hasSameSizeAs(small.repository.backups(SOURCE));
        }
    }

    @Test
    @DisplayName("A replica that was made before origins remembered theirs is remembered from the next run on")
    void ofAnOlderVersion() throws IOException {
        assertThat(replicate(OPTIONS).sound()).isTrue();
        List<String> notes = small.store.keys().stream()
                .filter(key -> key.startsWith("replica/"))
                .toList();
        assertThat(notes).hasSize(1);
        notes.forEach(small.store::delete);
        assertThat(replicate(OPTIONS).objects()).isZero();
        unmount();
        assertRefused(() -> replicate(OPTIONS));
    }

    @Test
    @DisplayName("Where the origin may not be written to, an empty store is a new replica only if somebody says so")
    void originReadOnly() {
        try (Repository readOnly = small.open(new ReadOnlyStore(small.store))) {
            assertRefused(() -> Replication.of(readOnly, replica(), OPTIONS, Clock.systemUTC())
                    .run(ReplicationProgress.NONE));
            assertThat(Replication.of(readOnly, replica(), OPTIONS.withNew(), Clock.systemUTC())
                            .run(ReplicationProgress.NONE)
                            .sound())
                    .isTrue();
            assertThat(Replication.of(readOnly, replica(), OPTIONS, Clock.systemUTC())
                            .run(ReplicationProgress.NONE)
                            .sound())
                    .isTrue();
        }
    }
}
