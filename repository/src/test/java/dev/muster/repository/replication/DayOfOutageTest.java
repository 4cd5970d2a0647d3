package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.MemoryStore;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica's store that nobody reaches for 24 runs, one an hour, while the origin goes on. */
class DayOfOutageTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName("Repository and stores 6: a store that is down for a day fails each run by its code, the lag that the"
            + " status shows grows meanwhile, and the first run afterwards brings all of the day")
    void day() {
        try (SmallRepository small = SmallRepository.filled(directory)) {
            MemoryStore kept = new MemoryStore("replica");
            UnreachableStore replica = new UnreachableStore(kept);
            replicate(small, replica).requireSound();
            List<String> before = kept.keys();
            CommittedBackup last = small.repository.backups(SOURCE).get(1);

            replica.down = true;
            for (int hour = 0; hour < 24; hour++) {
                small.wal(10 + 2 * hour);
                if (hour % 8 == 0) {
                    last = small.increment(last, hour);
                }
                ReplicationReport report = replicate(small, replica);
                assertThat(report.complete()).isFalse();
                assertThat(report.problems()).extracting("code").containsExactly("STORE_UNREACHABLE");
                assertThat(kept.keys()).isEqualTo(before);
            }
            SourceLag lag = ReplicaStatus.of(small.repository, kept, List.of(SOURCE), Clock.systemUTC())
                    .sources()
                    .get(0);
            assertThat(lag.current()).isFalse();
            assertThat(lag.missingBackups()).isEqualTo(3);
            assertThat(lag.age(Instant.now().plus(Duration.ofDays(1)))).isGreaterThanOrEqualTo(Duration.ofDays(1));

            replica.down = false;
            replicate(small, replica).requireSound();
            assertThat(ReplicaStatus.of(small.repository, kept, List.of(SOURCE), Clock.systemUTC())
                            .sources()
                            .get(0)
                            .current())
                    .isTrue();
            try (Repository there = small.open(kept)) {
                small.contents().forEach((id, files) -> {
                    assertThat(SmallRepository.restore(there, id).keySet()).isEqualTo(files.keySet());
                    SmallRepository.restore(there, id)
                            .forEach((name, content) -> assertThat(content).isEqualTo(files.get(name)));
                });
                small.walContents()
                        .forEach((key, content) ->
                                assertThat(SmallRepository.readWal(there, key)).isEqualTo(content));
            }
        }
    }

    private static ReplicationReport replicate(SmallRepository small, ObjectStore replica) {
        return Replication.of(small.repository, replica, new ReplicationOptions("replicator"), Clock.systemUTC())
                .run(ReplicationProgress.NONE);
    }

    /** Answers nothing while it is down. */
    private static final class UnreachableStore implements ObjectStore {
        private final ObjectStore store;
        private volatile boolean down;

        UnreachableStore(ObjectStore store) {
            this.store = store;
        }

        private ObjectStore reached() {
            if (down) {
                throw new StoreException("STORE_UNREACHABLE", "Nobody answers for " + store.url(), "Is it up?");
            }
            return store;
        }

        @Override
        public String url() {
            return store.url();
        }

        @Override
        public ObjectWriter create(String key) {
            return reached().create(key);
        }

        @Override
        public InputStream open(String key) {
            return reached().open(key);
        }

        @Override
        public InputStream open(String key, long offset, long length) {
            return reached().open(key, offset, length);
        }

        @Override
        public Optional<ObjectInfo> find(String key) {
            return reached().find(key);
        }

        @Override
        public void list(String prefix, Consumer<ObjectInfo> each) {
            reached().list(prefix, each);
        }

        @Override
        public void delete(String key) {
            reached().delete(key);
        }
    }
}
