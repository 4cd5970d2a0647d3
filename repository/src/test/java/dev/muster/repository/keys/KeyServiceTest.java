package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of every key service, with the one that is a file: its key goes and comes back. */
class KeyServiceTest {
    private static final String WAL = "src/orders/wal/7/00000001/00000000/000000010000000000000001-a.seg";

    @TempDir
    private Path directory;

    private ObjectStore store;
    private Path service;
    private WrappingKey kms;
    private KeyFile safe;

    @BeforeEach
    void create() throws IOException {
        store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
        service = directory.resolve("service.key");
        LocalKms.generate(service);
        kms = WrappingKey.of("local-kms:" + service);
        safe = KeyFile.generate(directory.resolve("safe.key"));
        Repository.create(store, List.of(kms, safe), Clock.systemUTC()).close();
    }

    @Test
    @DisplayName("Repository and stores 4: a key service that is away is told as such, not as a wrong key")
    void unreachable() throws IOException {
        Repository.open(store, kms).close();
        Files.move(service, directory.resolve("away"));
        assertRefused("KMS_UNREACHABLE", "service.key", () -> Repository.open(store, kms));
        Files.move(directory.resolve("away"), service);
        Repository.open(store, kms).close();
    }

    @Test
    @DisplayName("Repository and stores 4: a key service that is away hides no other slot that opens")
    void anotherSlot() throws IOException {
        Files.delete(service);
        Repository.open(store, safe).close();
        Repository.open(store, List.of(kms, safe), Clock.systemUTC()).close();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: objects of a key that only the absent service opens say so, the others are read")
    void oneKeyOfTwo() throws IOException {
        RepositoryKeys keys = Repository.keys(store, List.of(kms, safe), Clock.systemUTC());
        keys.rotate(new Rotation("orders", List.of(kms), true));
        String other = WAL.replace("orders", "billing");
        try (Repository both = Repository.open(store, kms)) {
            both.writeFramed(ObjectType.WAL_SEGMENT, WAL, new byte[9], 0, 9);
            both.writeFramed(ObjectType.WAL_SEGMENT, other, new byte[9], 0, 9);
        }
        Files.move(service, directory.resolve("away"));
        try (Repository half = Repository.open(store, List.of(kms, safe), Clock.systemUTC())) {
            assertThat(half.readFramed(ObjectType.WAL_SEGMENT, other).readAllBytes())
                    .hasSize(9);
            assertRefused("KMS_UNREACHABLE", "service.key", () -> half.readFramed(ObjectType.WAL_SEGMENT, WAL));
            assertThat(Repository.keys(store, List.of(kms, safe), Clock.systemUTC())
                            .slots())
                    .extracting(SlotDescription::state)
                    .contains(SlotDescription.State.HINDERED, SlotDescription.State.OPENS);
            Files.move(directory.resolve("away"), service);
            await().ignoreExceptions()
                    .untilAsserted(() -> assertThat(
                                    half.readFramed(ObjectType.WAL_SEGMENT, WAL).readAllBytes())
                            .as("read by the same process, once the service is back")
                            .hasSize(9));
        }
    }

    @Test
    @DisplayName("A key service that is away is not asked again for each of thousands of objects")
    void askedSeldom() {
        Repository.keys(store, List.of(kms, safe), Clock.systemUTC())
                .rotate(new Rotation("orders", List.of(kms), true));
        try (Repository both = Repository.open(store, kms)) {
            both.writeFramed(ObjectType.WAL_SEGMENT, WAL, new byte[9], 0, 9);
        }
        AtomicInteger asked = new AtomicInteger();
        KeyManagement away = new Away(new LocalKms(service), asked);
        try (Repository half = Repository.open(store, List.of(new KmsKey(away), safe), Clock.systemUTC())) {
            int opening = asked.get();
            for (int object = 0; object < 200; object++) {
                assertRefused("KMS_UNREACHABLE", "away", () -> half.readFramed(ObjectType.WAL_SEGMENT, WAL));
            }
            assertThat(asked.get() - opening).isBetween(1, 20);
        }
    }

    /** Is there, and answers nobody. */
    private record Away(LocalKms service, AtomicInteger asked) implements KeyManagement {
        @Override
        public String method() {
            return service.method();
        }

        @Override
        public String key() {
            return service.key();
        }

        @Override
        public String description() {
            return service.description();
        }

        @Override
        public List<Path> files() {
            return service.files();
        }

        @Override
        public boolean isKey(String name) {
            return service.isKey(name);
        }

        @Override
        public byte[] encrypt(byte[] plain, Map<String, String> context) {
            return service.encrypt(plain, context);
        }

        @Override
        public Optional<byte[]> decrypt(byte[] encrypted, Map<String, String> context) {
            asked.incrementAndGet();
            throw new RepositoryException("KMS_UNREACHABLE", "The key service is away.", "Wait for it.");
        }
    }

    @Test
    @DisplayName("A repository that cannot be given its slots is not begun")
    void nothingBegun() throws IOException {
        Files.delete(service);
        ObjectStore empty = Stores.open(
                Files.createDirectory(directory.resolve("empty")).toUri().toString());
        assertRefused(
                "KMS_UNREACHABLE",
                "service.key",
                () -> Repository.create(empty, List.of(safe, kms), Clock.systemUTC()));
        empty.list("", object -> assertThat(object.key()).isEmpty());
        Repository.create(empty, safe, Clock.systemUTC()).close();
    }

    @Test
    @DisplayName("The key of another service, and a slot copied from another repository, open nothing")
    void another() throws IOException {
        WrappingKey stranger = new KmsKey(LocalKms.generate(directory.resolve("stranger.key")));
        assertRefused("WRONG_KEY", "stranger.key", () -> Repository.open(store, stranger));

        ObjectStore second = Stores.open(
                Files.createDirectory(directory.resolve("second")).toUri().toString());
        Repository.create(second, safe, Clock.systemUTC()).close();
        String slot = KeySlot.paths(store).stream()
                .filter(path -> path.contains("local-kms"))
                .findFirst()
                .orElseThrow();
        second.create(slot, store.open(slot));
        assertRefused("OBJECT_DAMAGED", slot, () -> Repository.open(second, kms));
    }

    @Test
    @DisplayName("What was encrypted with one context is not decrypted with another")
    void context() {
        LocalKms local = new LocalKms(service);
        byte[] encrypted = local.encrypt(new byte[32], Map.of("a", "1", "b", "2"));
        assertThat(local.decrypt(encrypted, Map.of("b", "2", "a", "1"))).isPresent();
        assertThat(local.decrypt(encrypted, Map.of("a", "1"))).isEmpty();
        assertThat(local.decrypt(new byte[3], Map.of())).isEmpty();
    }

    @Test
    @DisplayName("Files of passphrases and key services inside of the store are refused, also behind links either way")
    void insideStore() throws IOException {
        Path folder = directory.resolve("store");
        Path inside = folder.resolve("inside");
        Files.writeString(inside, "correct horse battery staple");
        Path link = Files.createSymbolicLink(directory.resolve("link"), inside);
        ObjectStore throughLink = Stores.open(Files.createSymbolicLink(directory.resolve("also"), folder)
                .toUri()
                .toString());
        for (Path file : List.of(inside, link, directory.resolve("also/inside"))) {
            WrappingKey passphrase = WrappingKey.of("passphrase:file:" + file);
            assertRefused("KEY_FILE_IN_STORE", file.toString(), () -> Repository.open(store, passphrase));
            assertRefused("KEY_FILE_IN_STORE", file.toString(), () -> Repository.open(throughLink, passphrase));
            RepositoryKeys keys = Repository.keys(store, List.of(safe), Clock.systemUTC());
            assertRefused("KEY_FILE_IN_STORE", file.toString(), () -> keys.add(passphrase));
        }
        Path outward = Files.createSymbolicLink(folder.resolve("outward"), service);
        assertRefused(
                "KEY_FILE_IN_STORE",
                outward.toString(),
                () -> Repository.open(store, WrappingKey.of("local-kms:" + outward)));
    }

    @ParameterizedTest
    @DisplayName("What is no reference to a key is refused, and not repeated: it may be the secret itself")
    @ValueSource(
            strings = {
                "hunter2-the-secret",
                "file:relative/hunter2-the-secret",
                "passphrase:hunter2-the-secret",
                "vault:hunter2-the-secret",
                "aws-kms:alias/hunter2-the-secret",
                "aws-kms:arn:aws:kms:eu-west-1:111122223333:alias/hunter2-the-secret",
                "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/a?endpoint=http://hunter2-the-secret",
                "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/a?password=hunter2-the-secret",
                "aws-kms:arn:aws:kms:eu-west-1:111122223333:key/a?endpoint=https://u:hunter2-the-secret@h/",
                ""
            })
    void references(String reference) {
        assertRefused("KEY_REFERENCE_INVALID", "Not a reference", () -> WrappingKey.of(reference));
        try {
            WrappingKey.of(reference);
        } catch (dev.muster.repository.RepositoryException e) {
            assertThat(e.getMessage() + e.hint()).doesNotContain("hunter2");
        }
    }
}
