package dev.muster.repository.replication;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Repository;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.repository.verification.Problem;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.FaultyStore.Fault;
import dev.muster.storage.testing.MemoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replication whose stores go away on the way: what could not be copied for that is not lacking in the origin. */
class OriginAwayTest {
    private static final Clock CLOCK = Clock.systemUTC();

    /** More than a report keeps problems. */
    private static final int MANY = 1_100;

    @TempDir
    private Path directory;

    private final MemoryStore replica = new MemoryStore("replica");
    private SmallRepository small;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private ReplicationReport replicate(FaultyStore.Rule origin, ObjectStore to) {
        try (Repository faulty = small.open(new FaultyStore(small.store, origin))) {
            return Replication.of(faulty, to, new ReplicationOptions("replicator").withThreads(1), CLOCK)
                    .run(List.of(SOURCE), ReplicationProgress.NONE);
        }
    }

    private static boolean readsPack(String operation, String key) {
        return operation.equals("open") && key.endsWith(".pack");
    }

    @Test
    @DisplayName("Repository and stores 6: an origin that goes away fails the run, and the next one copies the rest")
    void goesAway() {
        AtomicBoolean away = new AtomicBoolean();
        assertThatThrownBy(() -> replicate(
                        (operation, key) -> {
                            if (readsPack(operation, key)) {
                                away.set(true);
                            }
                            return away.get() && !operation.equals("list") ? Fault.UNREACHABLE : Fault.NONE;
                        },
                        replica))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.code()).isEqualTo("STORE_UNREACHABLE"));
        replicate((operation, key) -> Fault.NONE, replica).requireSound();
    }

    @Test
    @DisplayName("Repository and stores 6: a short outage of the origin leaves nothing out")
    void isBackAtOnce() {
        AtomicInteger faults = new AtomicInteger();
        replicate(
                        (operation, key) -> readsPack(operation, key) && faults.getAndIncrement() == 0
                                ? Fault.UNREACHABLE
                                : Fault.NONE,
                        replica)
                .requireSound();
        assertThat(faults.get()).isGreaterThan(1);
    }

    @Test
    @DisplayName("That the replica's store failed is told however many objects were in trouble before")
    void theEndIsTold() {
        replicate((operation, key) -> Fault.NONE, replica).requireSound();
        for (int i = 0; i < MANY; i++) {
            String key = "src/" + SOURCE + "/wal/7300000000000000001/00000001/00000000/stray-" + i;
            small.store.replace(key, new byte[] {1});
            replica.replace(key, new byte[] {1, 2});
        }
        small.full(3);
        ReplicationReport report = replicate(
                (operation, key) -> Fault.NONE,
                new FaultyStore(
                        replica,
                        (operation, key) ->
                                operation.equals("commit") && key.endsWith(".pack") ? Fault.UNREACHABLE : Fault.NONE));
        assertThat(report.complete()).isFalse();
        assertThat(report.problemCount()).isEqualTo(MANY + 1);
        List<Problem> kept = report.problems();
        assertThat(kept.get(kept.size() - 1).code()).isEqualTo("STORE_UNREACHABLE");
    }
}
