package dev.muster.repository.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.testing.SmallRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A key service that goes away while the repository that it opened is used. */
class KeyServiceOutageTest {
    @TempDir
    private Path directory;

    private SmallRepository small;
    private Path service;
    private WrappingKey kms;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
        service = directory.resolve("service.key");
        LocalKms.generate(service);
        kms = WrappingKey.of("local-kms:" + service);
        Repository.keys(small.store, List.of(small.key), Clock.systemUTC()).add(kms);
    }

    @AfterEach
    void close() {
        small.close();
    }

    private void assertRestores(Repository from, CommittedBackup backup) {
        Map<String, byte[]> expected = Objects.requireNonNull(small.contents().get(backup.id()));
        Map<String, byte[]> restored = SmallRepository.restore(from, backup.id());
        assertThat(restored.keySet()).isEqualTo(expected.keySet());
        restored.forEach((name, content) -> assertThat(content).isEqualTo(expected.get(name)));
    }

    @Test
    @DisplayName(
            "Repository and stores 4: KMS that goes away during a backup does not stop it; who opens the repository"
                    + " meanwhile is told KMS_UNREACHABLE, and the offline key restores it")
    void awayDuringBackup() throws Exception {
        Path away = directory.resolve("away");
        try (Repository running = Repository.open(small.store, kms)) {
            CommittedBackup full = small.full(running, 20);
            Files.move(service, away);
            CommittedBackup increment = small.increment(running, full, 21);
            assertRestores(running, increment);

            assertThatThrownBy(() -> Repository.open(small.store, kms))
                    .hasMessageContaining("service.key")
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("KMS_UNREACHABLE"));
            try (Repository offline = Repository.open(small.store, small.key)) {
                assertRestores(offline, increment);
                offline.verify(SmallRepository.SOURCE, increment.id(), 1).requireSound();
            }
            Files.move(away, service);
            try (Repository later = Repository.open(small.store, kms)) {
                assertRestores(later, increment);
            }
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a rotation while KMS is away is refused, makes no key, and hinders no backup")
    void rotationWhileAway() throws Exception {
        List<String> before = small.store.keys();
        try (Repository running = Repository.open(small.store, kms)) {
            Files.delete(service);
            RepositoryKeys keys = Repository.keys(small.store, List.of(small.key), Clock.systemUTC());
            assertThatThrownBy(() -> keys.rotate(new Rotation(null, List.of(small.key, kms), true)))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("KMS_UNREACHABLE"));
            // Nobody is told to bring a key that he has named, nor to leave it out.
            assertThatThrownBy(() -> keys.rotate(new Rotation(null, List.of(small.key, kms), false)))
                    .hasMessageContaining("Nothing was rotated")
                    .hasMessageContaining("local-kms")
                    .isInstanceOfSatisfying(RepositoryException.class, e -> {
                        assertThat(e.code()).isEqualTo("KMS_UNREACHABLE");
                        assertThat(e.hint()).contains("when the key service answers");
                    });
            assertThatThrownBy(() -> keys.rotate(new Rotation(null, List.of(small.key), false)))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("ROTATION_LEAVES_OUT"));
            assertThat(small.store.keys()).isEqualTo(before);
            assertRestores(small.repository, small.full(running, 22));
        }
    }
}
