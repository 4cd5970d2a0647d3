package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.reading.Reading;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.readonly.ReadOnlyStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An expiry on one machine while another one restores what it would take. */
class RestoreDuringExpiryTest {
    @TempDir
    private Path directory;

    private ExpiringSource test;
    private Repository here;
    private Repository there;
    private String old;
    private String young;

    @BeforeEach
    void create() throws IOException {
        test = ExpiringSource.create(directory);
        here = test.open();
        there = test.open();
        old = test.full(there, 4, 1);
        young = test.full(there, 4, 2);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private ExpiryResult expire(ExpiryProgress progress) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC);
        Expiry expiry = new Expiry(here, SOURCE, policy, ExpirySettings.defaults());
        return expiry.apply(expiry.plan(), progress);
    }

    private void assertRestores(String id) {
        Map<String, byte[]> wanted = test.contents.getOrDefault(id, Map.of());
        Map<String, byte[]> found = ExpiringSource.restore(there, id);
        assertThat(found.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach((name, content) ->
                assertThat(Arrays.equals(content, found.get(name))).isTrue());
    }

    @Test
    @DisplayName(
            "Repository and stores 2: an expiry waits for a restore and says for which; when it has ended, all goes")
    void waits() {
        try (Reading reading = Reading.begin(there, SOURCE, old, "into /copy")) {
            ExpiryResult result = expire(ExpiryProgress.NONE);
            assertThat(result.waitingFor()).singleElement().satisfies(one -> {
                assertThat(one.backup()).isEqualTo(old);
                assertThat(one.writer()).isEqualTo("restore into /copy");
            });
            assertThat(result.objects()).isZero();
            assertRestores(old);
        }
        assertThat(test.keys()).noneMatch(key -> key.startsWith("read/"));
        assertThat(expire(ExpiryProgress.NONE).expired()).containsExactly(old);
        assertThat(ExpiringSource.ids(there)).containsExactly(young);
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a restore that begins while COMMITs go either reads its backup to the end or is told"
                    + " that it is gone")
    void beginsMeanwhile() {
        for (ExpiryProgress.Step moment : ExpiryProgress.Step.values()) {
            String going = ExpiringSource.ids(there).get(0);
            AtomicReference<Reading> begun = new AtomicReference<>();
            AtomicReference<RepositoryException> refused = new AtomicReference<>();
            expire(new ExpiryProgress() {
                @Override
                public void step(Step step) {
                    if (step == moment) {
                        try {
                            begun.set(Reading.begin(there, SOURCE, going, "into /copy"));
                        } catch (RepositoryException e) {
                            refused.set(e);
                        }
                    }
                }
            });
            Reading reading = begun.get();
            if (reading != null) {
                if (moment.compareTo(ExpiryProgress.Step.DECIDING) <= 0) {
                    assertRestores(going);
                }
                assertThat(there.store().find(Paths.manifest(SOURCE, going)))
                        .as("%s", moment)
                        .isPresent();
                assertThat(there.store().find(Paths.pack(SOURCE, going, 0)))
                        .as("%s", moment)
                        .isPresent();
                reading.close();
            } else {
                assertThat(refused.get())
                        .as("%s", moment)
                        .isInstanceOfSatisfying(
                                RepositoryException.class,
                                e -> assertThat(e.code()).isEqualTo("BACKUP_UNKNOWN"));
            }
            expire(ExpiryProgress.NONE);
            assertThat(ExpiringSource.ids(there)).hasSize(1);
            test.full(there, 4, 3);
        }
    }

    @Test
    @DisplayName("A restore that was killed holds an expiry up for two hours, and its lease goes after two days")
    void dead() throws IOException {
        Reading.begin(there, SOURCE, old, "into /copy").leave();
        test.age(Duration.ofMinutes(119));
        assertThat(expire(ExpiryProgress.NONE).waitingFor()).hasSize(1);
        test.age(Duration.ofMinutes(2));
        assertThat(expire(ExpiryProgress.NONE).expired()).containsExactly(old);
        assertThat(test.keys()).anyMatch(key -> key.startsWith("read/"));
        test.age(Duration.ofDays(2));
        expire(ExpiryProgress.NONE);
        assertThat(test.keys()).noneMatch(key -> key.startsWith("read/"));
    }

    @Test
    @DisplayName("What only looks like the lease of a restore holds an expiry up for two hours and no longer")
    void forged() throws IOException {
        there.store()
                .create(
                        "read/" + SOURCE + "/" + old + "/01M7ZW7330JMH31K5GSFFYNE7W",
                        new ByteArrayInputStream(new byte[10]));
        assertThat(expire(ExpiryProgress.NONE).waitingFor()).hasSize(1);
        test.age(Duration.ofHours(3));
        assertThat(expire(ExpiryProgress.NONE).expired()).containsExactly(old);
    }

    @Test
    @DisplayName("A restore from a store that nobody may write to goes on without a lease")
    void readOnly() {
        try (Repository readOnly = test.open(new ReadOnlyStore(test.store()));
                Reading reading = Reading.begin(readOnly, SOURCE, old, "into /copy")) {
            assertThat(ExpiringSource.restore(readOnly, old)).hasSameSizeAs(test.contents.getOrDefault(old, Map.of()));
        }
        assertThat(test.keys()).noneMatch(key -> key.startsWith("read/"));
    }

    @Test
    @DisplayName(
            "One step of a restore leaves, and the last one ends it for all; another restore of that backup goes on")
    void severalSteps() {
        Reading.begin(there, SOURCE, old, "run 1").leave();
        try (Reading other = Reading.begin(there, SOURCE, old, "run 2")) {
            Reading.begin(there, SOURCE, old, "run 1").close();
            assertThat(test.keys().stream().filter(key -> key.startsWith("read/")))
                    .hasSize(1);
            assertThat(expire(ExpiryProgress.NONE).waitingFor())
                    .singleElement()
                    .satisfies(one -> assertThat(one.writer()).isEqualTo("restore run 2"));
        }
        assertThatThrownBy(() -> Reading.begin(there, SOURCE, "01M7ZW7330JMH31K5GSFFYNE7W", "run 1"))
                .isInstanceOf(RepositoryException.class);
        assertThat(test.keys()).noneMatch(key -> key.startsWith("read/"));
    }
}
