package dev.muster.repository.verification;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Repository;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.FaultyStore;
import dev.muster.storage.testing.FaultyStore.Fault;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that goes away under a look has not lost what it holds. */
class StoreWentAwayTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    private Path directory;

    private SmallRepository small;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private List<LevelResult> look(Level level, FaultyStore.Rule rule) {
        try (Repository faulty = small.open(new FaultyStore(small.store, rule))) {
            Verifier verifier = new Verifier(faulty, CLOCK, 2);
            if (level != Level.CONTENT) {
                return verifier.verify(level, List.of(SOURCE)).levels();
            }
            try (VerifiedObjects state = VerifiedObjectsFile.open(directory.resolve("verified"), faulty)) {
                return verifier.verifyContent(state, Budget.UNLIMITED).levels();
            }
        }
    }

    private static boolean readsPack(String operation, String key) {
        return operation.equals("open") && key.endsWith(".pack");
    }

    @ParameterizedTest
    @EnumSource(names = {"INDEXES", "CONTENT"})
    @DisplayName("Repository and stores 6: a store that goes away under a look fails it, and is no finding")
    void goesAway(Level level) {
        AtomicBoolean away = new AtomicBoolean();
        assertThatThrownBy(() -> look(level, (operation, key) -> {
                    if (readsPack(operation, key)) {
                        away.set(true);
                    }
                    return away.get() && !operation.equals("list") ? Fault.UNREACHABLE : Fault.NONE;
                }))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.code()).isEqualTo("STORE_UNREACHABLE"));
    }

    @ParameterizedTest
    @EnumSource(names = {"INDEXES", "CONTENT"})
    @DisplayName("Repository and stores 6: a short outage under a look is no finding")
    void isBackAtOnce(Level level) {
        AtomicInteger faults = new AtomicInteger();
        List<LevelResult> found = look(
                level,
                (operation, key) ->
                        readsPack(operation, key) && faults.getAndIncrement() == 0 ? Fault.UNREACHABLE : Fault.NONE);
        assertThat(faults.get()).isGreaterThan(1);
        assertThat(found).allSatisfy(one -> assertThat(one.problems()).isEmpty());
    }

    @Test
    @DisplayName("One object that no try can read, in a store that answers, is a finding")
    void oneObject() {
        String bad = small.store.keys().stream()
                .filter(key -> key.endsWith(".pack"))
                .findFirst()
                .orElseThrow();
        List<LevelResult> found = look(
                Level.CONTENT,
                (operation, key) -> operation.equals("open") && key.equals(bad) ? Fault.UNREACHABLE : Fault.NONE);
        assertThat(found)
                .singleElement()
                .satisfies(one -> assertThat(one.problems()).singleElement().satisfies(problem -> {
                    assertThat(problem.object()).isEqualTo(bad);
                    assertThat(problem.code()).isEqualTo("STORE_UNREACHABLE");
                }));
    }
}
