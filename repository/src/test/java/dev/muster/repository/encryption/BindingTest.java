package dev.muster.repository.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an object is tied to, with both keys open and of the same secret: only the binding can notice. */
class BindingTest {
    private static final String ONE = "01".repeat(16);
    private static final String OTHER = "02".repeat(16);
    private static final String KEY = "src/orders/b/01JD8X2V4MZ3A5B6C7D8E9FGHJ/p-00000000.pack";
    private static final String ELSEWHERE = "src/orders/b/01JD8X2V4MZ3A5B6C7D8E9FGHJ/p-00000001.pack";
    private static final byte[] CONTENT = new byte[200_000];

    @TempDir
    private Path folder;

    private ObjectStore store;
    private byte[] stored;

    @BeforeEach
    void write() throws IOException {
        store = Stores.open(folder.toUri().toString());
        try (EncryptingWriter writer = objects("repository").create(KEY, ObjectType.PACK, new SegmentCipher())) {
            writer.write(CONTENT, 0, CONTENT.length);
            writer.commit();
        }
        try (InputStream stream = store.open(KEY)) {
            stored = stream.readAllBytes();
        }
        assertThat(read("repository", KEY, ObjectType.PACK)).isEqualTo(CONTENT);
    }

    @Test
    @DisplayName("Repository and stores 4: an object of another repository with the same key is refused and named")
    void anotherRepository() {
        assertDamaged("another", KEY, ObjectType.PACK);
    }

    @Test
    @DisplayName("Repository and stores 4: an object under another name is refused, and its new name is told")
    void anotherName() {
        store.create(ELSEWHERE, new ByteArrayInputStream(stored));
        assertDamaged("repository", ELSEWHERE, ObjectType.PACK);
    }

    @Test
    @DisplayName("Repository and stores 4: an object that claims another type is refused and named")
    void anotherType() {
        stored[5] = (byte) ObjectType.MAP.code();
        replace();
        assertDamaged("repository", KEY, ObjectType.MAP);
        assertDamaged("repository", KEY, ObjectType.PACK);
    }

    @Test
    @DisplayName(
            "Repository and stores 4: an object that claims another key id is refused, even if both keys were the same")
    void anotherKeyId() {
        for (int at = 8; at < 24; at++) {
            stored[at] = 2;
        }
        replace();
        assertDamaged("repository", KEY, ObjectType.PACK);
    }

    @Test
    @DisplayName("Repository and stores 4: segments of two objects under one key that change places are refused")
    void segmentsOfTwoObjects() throws IOException {
        store.delete(KEY);
        try (EncryptingWriter writer = objects("repository").create(KEY, ObjectType.PACK, new SegmentCipher())) {
            writer.write(CONTENT, 0, CONTENT.length);
            writer.commit();
        }
        byte[] again;
        try (InputStream stream = store.open(KEY)) {
            again = stream.readAllBytes();
        }
        System.arraycopy(again, 24 + 65536, stored, 24 + 65536, 65536);
        replace();
        assertDamaged("repository", KEY, ObjectType.PACK);
    }

    private void replace() {
        store.delete(KEY);
        store.create(KEY, new ByteArrayInputStream(stored));
    }

    private void assertDamaged(String repository, String key, ObjectType type) {
        assertThatThrownBy(() -> read(repository, key, type))
                .hasMessageContaining(key)
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo(Damage.CODE));
    }

    private byte[] read(String repository, String key, ObjectType type) throws IOException {
        return new EncryptedStream(objects(repository).open(key, type)).readAllBytes();
    }

    private final Secret secret = Secret.random();

    private EncryptedStore objects(String repository) {
        Map<String, MasterKey> keys = Map.of(ONE, new MasterKey(ONE, secret), OTHER, new MasterKey(OTHER, secret));
        return new EncryptedStore(store, repository, new MasterKeys() {
            @Override
            public Optional<MasterKey> find(String kid) {
                return Optional.ofNullable(keys.get(kid));
            }

            @Override
            public MasterKey forWriting(String objectKey) {
                return find(ONE).orElseThrow();
            }
        });
    }
}
