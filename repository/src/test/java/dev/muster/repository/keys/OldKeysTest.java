package dev.muster.repository.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slots of every method that needs no service, as a program of November 2026 wrote them: two master keys and WAL. */
class OldKeysTest {
    private static final String WAL = "src/orders/wal/7/00000001/00000000/00000001000000000000000%d-a.seg";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @DisplayName(
            "A key file, its paper, a passphrase and a local key service of November 2026 open what they opened then")
    @ValueSource(
            strings = {
                "file:%s/test-only.key",
                "file:%s/test-only.txt",
                "passphrase:file:%s/words",
                "local-kms:%s/test-only.kms"
            })
    void opens(String reference) throws IOException, URISyntaxException {
        URL resource = Objects.requireNonNull(getClass().getResource("/repositories/v1-2026-11-keys"));
        Path folder = Path.of(resource.toURI());
        Path copy = Files.createDirectory(directory.resolve("store"));
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(folder.resolve("store").relativize(file));
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                Files.copy(file, target);
            }
        }
        WrappingKey key = WrappingKey.of(String.format(reference, folder));
        try (Repository repository = Repository.open(Stores.open(copy.toUri().toString()), key)) {
            for (int segment = 1; segment <= 2; segment++) {
                try (InputStream content = repository.readFramed(ObjectType.WAL_SEGMENT, String.format(WAL, segment))) {
                    assertThat(content.readAllBytes()).isEqualTo(content(segment));
                }
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "muster.fixture", matches = ".+", disabledReason = "writes, only when asked to")
    @DisplayName("Writes another such repository into the folder that -Dmuster.fixture names")
    void writeAnother() throws IOException {
        Path target = Path.of(System.getProperty("muster.fixture"));
        String store = Files.createDirectories(target.resolve("store")).toUri().toString();
        KeyFile file = KeyFile.generate(target.resolve("test-only.key"));
        Files.writeString(target.resolve("test-only.txt"), OfflineKey.text(file));
        Files.writeString(target.resolve("words"), "for tests only, na\u00efvely\n");
        LocalKms.generate(target.resolve("test-only.kms"));
        List<WrappingKey> all = List.of(
                file,
                WrappingKey.of("passphrase:file:" + target.resolve("words")),
                WrappingKey.of("local-kms:" + target.resolve("test-only.kms")));
        try (Repository repository = Repository.create(Stores.open(store), all, Clock.systemUTC())) {
            repository.writeFramed(ObjectType.WAL_SEGMENT, String.format(WAL, 1), content(1), 0, content(1).length);
        }
        Repository.keys(Stores.open(store), all, Clock.systemUTC()).rotate(new Rotation(null, all, false));
        try (Repository repository = Repository.open(Stores.open(store), file)) {
            repository.writeFramed(ObjectType.WAL_SEGMENT, String.format(WAL, 2), content(2), 0, content(2).length);
        }
    }

    private static byte[] content(int segment) {
        return ("content of segment " + segment).getBytes(StandardCharsets.UTF_8);
    }
}
