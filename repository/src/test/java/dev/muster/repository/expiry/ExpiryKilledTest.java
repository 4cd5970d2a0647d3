package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.testing.KilledStore;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expiry and marks, killed at every change that they make to the store. */
class ExpiryKilledTest {
    private static final Duration DAYS = Duration.ofDays(3);

    @TempDir
    private Path directory;

    private ExpiringSource original;
    private String oldest;
    private String newest;
    private int copies;

    /** A chain of increments, a full one, a dead and an aborted one, and what an earlier expiry left for others. */
    @BeforeEach
    void create() throws IOException {
        original = ExpiringSource.create(directory);
        try (Repository repository = original.open()) {
            String gone = original.full(repository, 4, 1);
            oldest = original.increment(repository, gone, 1, 2);
            String second = original.increment(repository, oldest, 1, 3);
            original.increment(repository, second, 1, 4);
            newest = original.full(repository, 2, 5);
            original.age(DAYS);
            original.now = original.now.plus(DAYS);
            expire(repository, 4);
            original.dead(repository);
            repository.abortBackup(SOURCE, original.dead(repository));
            original.age(DAYS);
            original.now = original.now.plus(DAYS);
        }
    }

    private static void expire(Repository repository, int last) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(last), ZoneOffset.UTC);
        Expiry expiry = new Expiry(repository, SOURCE, policy, ExpirySettings.defaults());
        expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    /** Without what differs from run to run: marks' ids, and the probes that a killed one leaves. */
    private static Set<String> shape(ExpiringSource source) {
        return source.keys().stream()
                .filter(key -> !key.startsWith("probe/"))
                .map(key -> key.replaceAll("(KEEP|EXPIRE)-.*", "$1"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void assertSound(ExpiringSource source) {
        try (Repository repository = source.open()) {
            for (String id : ExpiringSource.ids(repository)) {
                repository.verify(SOURCE, id, 1).requireSound();
                Map<String, byte[]> restored = ExpiringSource.restore(repository, id);
                Map<String, byte[]> expected = source.contents.getOrDefault(id, Map.of());
                assertThat(restored.keySet()).isEqualTo(expected.keySet());
                expected.forEach((name, content) -> assertThat(Arrays.equals(content, restored.get(name)))
                        .as("%s of %s", name, id)
                        .isTrue());
            }
        }
    }

    private ExpiringSource copy() throws IOException {
        ExpiringSource copy = original.copy(directory.resolve("copy-" + copies++));
        copy.now = original.now;
        return copy;
    }

    /** @return whether it was killed before it was done */
    private boolean killed(ExpiringSource source, int victim, KilledStore.When when, Consumer<Repository> action) {
        KilledStore store = KilledStore.atObject(source.store(), victim, when);
        try (Repository repository = source.open(store)) {
            action.accept(repository);
        } catch (KilledStore.Killed killed) {
            return true;
        }
        return store.killed();
    }

    private void everywhere(List<KilledStore.When> whens, int step) throws IOException {
        ExpiringSource whole = copy();
        killed(whole, 0, KilledStore.When.AFTER, repository -> expire(repository, 2));
        Set<String> expected = shape(whole);
        assertThat(expected).isNotEqualTo(shape(original));
        int changes = 0;
        for (KilledStore.When when : whens) {
            boolean killed = true;
            for (int victim = 1; killed; victim += step) {
                ExpiringSource source = copy();
                killed = killed(source, victim, when, repository -> expire(repository, 2));
                changes += killed ? 1 : 0;
                assertSound(source);
                try (Repository next = source.open()) {
                    expire(next, 2);
                    assertThat(ExpiringSource.ids(next))
                            .hasSize(2)
                            .contains(newest)
                            .doesNotContain(oldest);
                }
                assertThat(shape(source))
                        .as("killed %s change %d", when, victim)
                        .isEqualTo(expected);
                assertSound(source);
                delete(source.folder);
            }
        }
        assertThat(changes).isGreaterThan(15 * whens.size() / step);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: killed after every third change of an expiry, every backup still restores, and the next"
                    + " expiry finishes")
    void killedAfter() throws IOException {
        everywhere(List.of(KilledStore.When.AFTER), 3);
    }

    @Test
    @Thorough
    @DisplayName(
            "Repository and stores 1: killed before or after any change of an expiry, and again in the next one at any"
                    + " change, every backup still restores, and the last expiry finishes")
    void killedTwice() throws IOException {
        everywhere(List.of(KilledStore.When.BEFORE, KilledStore.When.AFTER), 1);
        ExpiringSource whole = copy();
        try (Repository repository = whole.open()) {
            expire(repository, 2);
        }
        boolean first = true;
        for (int victim = 1; first; victim++) {
            boolean second = true;
            for (int again = 1; second; again++) {
                ExpiringSource source = copy();
                first = killed(source, victim, KilledStore.When.AFTER, repository -> expire(repository, 2));
                second = killed(source, again, KilledStore.When.BEFORE, repository -> expire(repository, 2));
                assertSound(source);
                try (Repository next = source.open()) {
                    expire(next, 2);
                }
                assertThat(shape(source))
                        .as("killed at %d and %d", victim, again)
                        .isEqualTo(shape(whole));
                delete(source.folder);
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: killed at any change of keep and unkeep, the backup is kept or not, and can be"
                    + " kept, let go and expired afterwards")
    void marks() throws IOException {
        marks(List.of(KilledStore.When.AFTER));
    }

    @Test
    @Thorough
    @DisplayName("Repository and stores 1: killed before any change of keep and unkeep, the same holds")
    void marksKilledBefore() throws IOException {
        marks(List.of(KilledStore.When.BEFORE));
    }

    private void marks(List<KilledStore.When> whens) throws IOException {
        for (KilledStore.When when : whens) {
            boolean killed = true;
            for (int victim = 1; killed; victim++) {
                ExpiringSource source = copy();
                killed = killed(source, victim, when, repository -> {
                    KeepMarks marks = new KeepMarks(repository, SOURCE);
                    marks.keep(oldest, "ada", "audit", Optional.empty());
                    marks.keep(oldest, "bob", "audit", Optional.empty());
                    marks.unkeep(oldest);
                });
                assertSound(source);
                try (Repository next = source.open()) {
                    KeepMarks marks = new KeepMarks(next, SOURCE);
                    boolean kept = !marks.of(oldest).isEmpty();
                    expire(next, 2);
                    assertThat(ExpiringSource.ids(next).contains(oldest)).isEqualTo(kept);
                    assertSound(source);
                    marks.unkeep(oldest);
                    expire(next, 2);
                    assertThat(ExpiringSource.ids(next)).doesNotContain(oldest);
                }
                assertSound(source);
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 1: an expiry that was killed between its mark and COMMIT lets the backup stay if"
                    + " later rules keep it, and two days later it can be marked again")
    void oldMark() throws IOException {
        boolean marked = false;
        for (int victim = 1; !marked; victim++) {
            ExpiringSource source = copy();
            killed(source, victim, KilledStore.When.AFTER, repository -> expire(repository, 2));
            try (Repository next = source.open()) {
                List<String> ids = ExpiringSource.ids(next);
                marked = ids.contains(oldest)
                        && source.keys().stream().anyMatch(key -> key.contains(oldest + "/EXPIRE"));
                if (marked) {
                    KeepMarks marks = new KeepMarks(next, SOURCE);
                    assertThat(refusal(() -> marks.keep(oldest, "ada", "audit", Optional.empty())))
                            .contains("BACKUP_EXPIRING");
                    expire(next, 4);
                    assertThat(ExpiringSource.ids(next)).contains(oldest);
                    source.age(DAYS);
                    source.now = source.now.plus(DAYS);
                    expire(next, 4);
                    marks.keep(oldest, "ada", "audit", Optional.empty());
                    expire(next, 1);
                    assertThat(ExpiringSource.ids(next)).containsExactly(oldest, newest);
                }
            }
            assertSound(source);
        }
    }

    private static Optional<String> refusal(Runnable action) {
        try {
            action.run();
            return Optional.empty();
        } catch (RepositoryException refused) {
            return Optional.of(refused.code());
        }
    }
}
