package dev.muster.repository.expiry;

import static dev.muster.repository.expiry.ExpiringSource.SOURCE;
import static dev.muster.repository.expiry.ExpiringSource.UNIT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadPacksTest {
    @TempDir
    private Path directory;

    private ExpiringSource test;
    private Repository repository;

    @BeforeEach
    void create() throws IOException {
        test = ExpiringSource.create(directory);
        repository = test.open();
    }

    @AfterEach
    void close() {
        repository.close();
    }

    private void expire(int last) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(last), ZoneOffset.UTC);
        Expiry expiry = new Expiry(repository, SOURCE, policy, ExpirySettings.defaults());
        expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    /** Two files of 20 units each; of the table the first 19 change. */
    private String mostlyReplaced(String full) {
        return test.increment(repository, full, 19, 2);
    }

    /** A backup in which nothing changed, made with or without copying. */
    private String copying(String parent, DeadPacks dead) {
        BackupReader reader = repository.backup(SOURCE, parent);
        CopyForward forward = new CopyForward(reader, dead);
        Map<String, byte[]> content = test.contents.getOrDefault(parent, Map.of());
        try (BackupWriter backup =
                repository.startBackup(ExpiringSource.request().withParent(parent))) {
            try (PackWriter pack = backup.pack()) {
                reader.entries(entry -> forward.unchangedFile(backup, pack, entry, entry));
            }
            test.contents.put(backup.id(), new TreeMap<>(content));
            backup.commit(JsonNodeFactory.instance.objectNode());
            test.now = test.now.plusMillis(1);
            return backup.id();
        }
    }

    private void assertSound(String id) {
        repository.verify(SOURCE, id, 1).requireSound();
        Map<String, byte[]> restored = ExpiringSource.restore(repository, id);
        test.contents
                .getOrDefault(id, Map.of())
                .forEach((name, content) ->
                        assertThat(Arrays.equals(content, restored.get(name))).isTrue());
    }

    @Test
    @DisplayName("What a new backup copies forward frees a mostly dead pack once the older backups have expired")
    void copied() {
        String full = test.full(repository, 20, 1);
        String second = mostlyReplaced(full);
        expire(1);
        assertThat(DeadPacks.of(repository, SOURCE).packs())
                .as("21 of 40 units are needed")
                .isEmpty();
        DeadPacks dead = DeadPacks.of(repository, SOURCE, 0.6);
        assertThat(dead.packs()).singleElement().satisfies(pack -> {
            assertThat(pack.backup()).isEqualTo(full);
            assertThat(pack.needed()).isEqualTo(21L * UNIT);
        });
        String plain = copying(second, DeadPacks.none());
        String third = copying(second, dead);
        assertSound(third);
        expire(1);
        assertSound(third);
        assertThat(ExpiringSource.ids(repository)).containsExactly(third).doesNotContain(plain);
        assertThat(test.keys()).noneMatch(key -> key.contains(full) && key.endsWith(".pack"));
        assertThat(test.keys()).anyMatch(key -> key.contains(second) && key.endsWith(".pack"));
    }

    @Test
    @DisplayName(
            "Only what the backup would refer to in dead packs is stored again, neighbours as one frame; parts of frames"
                    + " keep their content")
    void onlyDead() {
        String full = test.full(repository, 20, 1);
        String second = mostlyReplaced(full);
        expire(1);
        DeadPacks dead = DeadPacks.of(repository, SOURCE, 0.6);
        BackupReader reader = repository.backup(SOURCE, second);
        try (BackupWriter backup = repository.startBackup(ExpiringSource.request())) {
            try (PackWriter pack = backup.pack()) {
                CopyForward forward = new CopyForward(reader, dead);
                reader.entries(entry -> {
                    var runs = reader.runs(entry).toList();
                    var copied = forward.runs(runs, pack);
                    assertThat(copied.stream().mapToLong(Run::length).sum()).isEqualTo(entry.size());
                    // 20 units of 8 KiB are two frames; of the table only the last unit is in the dead pack.
                    assertThat(copied).hasSize(entry.path().toString().equals("quiet") ? 2 : 20);
                    backup.fileOfRuns(Entry.file(entry.path(), 0600, entry.size()), copied);
                });
                assertThat(forward.copied()).isEqualTo(21L * UNIT);
            }
            test.contents.put(backup.id(), test.contents.getOrDefault(second, Map.of()));
            backup.commit(JsonNodeFactory.instance.objectNode());
            assertSound(backup.id());
        }
    }

    @Test
    @DisplayName("Without expired backups nothing is read and nothing copied")
    void none() {
        String full = test.full(repository, 2, 1);
        assertThat(DeadPacks.of(repository, SOURCE, 1).packs()).isEmpty();
        assertThat(ExpiringSource.ids(repository)).containsExactly(full);
    }
}
