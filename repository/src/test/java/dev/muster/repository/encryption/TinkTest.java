package dev.muster.repository.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TinkTest {
    private static final String REPOSITORY = "5f2b8f0e-6a3c-4c55-9d1e-0c9a8b7f6e5d";
    private static final String KID = "0193512f3c5d6e7f8091a2b3c4d5e6f7";
    private static final String KEY = "src/orders-main/b/01JD8X2V4MZ3A5B6C7D8E9FGHJ/p-00000000.pack";
    private static final int FIRST = 65536 - 40 - 16;
    private static final int NEXT = 65536 - 16;

    private final MasterKey master = new MasterKey(KID, Secret.random());

    @TempDir
    private Path folder;

    private ObjectStore store;
    private EncryptedStore objects;

    @BeforeEach
    void open() {
        store = Stores.open(folder.toUri().toString());
        objects = new EncryptedStore(store, REPOSITORY, new OneKey(master));
    }

    @ParameterizedTest(name = "{0} bytes")
    @DisplayName("Tink decrypts what is written here")
    @ValueSource(
            ints = {0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1, 1_000_003})
    void tinkReads(int size) throws Exception {
        byte[] content = bytes(size);
        write(content);

        byte[] stored = stored();
        try (InputStream plain = tink().newDecryptingStream(
                        new ByteArrayInputStream(stored, 24, stored.length - 24), associatedData())) {
            assertThat(Arrays.equals(plain.readAllBytes(), content)).isTrue();
        }
    }

    @ParameterizedTest(name = "{0} bytes")
    @DisplayName("What Tink encrypted is decrypted here, whole and by any range")
    @ValueSource(
            ints = {0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT - 1, FIRST + NEXT, FIRST + NEXT + 1, 1_000_003})
    void readsTink(int size) throws Exception {
        byte[] content = bytes(size);
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        stored.writeBytes(HexFormat.of().parseHex("4d535452" + "01" + "01" + "0000" + KID));
        try (OutputStream encrypting = tink().newEncryptingStream(stored, associatedData())) {
            encrypting.write(content);
        }
        store.create(KEY, new ByteArrayInputStream(stored.toByteArray()));

        EncryptedObject object = objects.open(KEY, ObjectType.PACK);
        assertThat(object.size()).isEqualTo(size);
        assertThat(Arrays.equals(new EncryptedStream(object).readAllBytes(), content))
                .isTrue();
        Random random = new Random(size);
        for (int i = 0; i < 200 && size > 0; i++) {
            int from = random.nextInt(size);
            int length = random.nextInt(Math.min(size - from, 200_000) + 1);
            byte[] out = new byte[length + 3];
            object.read(from, out, 3, length);
            assertThat(Arrays.equals(out, 3, out.length, content, from, from + length))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("Bytes written one by one and in odd pieces are the same object")
    void pieces() throws IOException {
        byte[] content = bytes(300_000);
        try (EncryptingWriter writer = objects.create(KEY, ObjectType.PACK, new SegmentCipher())) {
            Random random = new Random(1);
            for (int at = 0; at < content.length; ) {
                int length = Math.min(random.nextInt(3) == 0 ? 1 : random.nextInt(150_000), content.length - at);
                writer.write(content, at, length);
                at += length;
            }
            writer.commit();
        }
        EncryptedObject object = objects.open(KEY, ObjectType.PACK);
        assertThat(Arrays.equals(new EncryptedStream(object).readAllBytes(), content))
                .isTrue();
    }

    @Test
    @DisplayName("Segments that change places, a cut at a segment's end and an added segment are refused")
    void segments() throws IOException {
        byte[] content = bytes(3 * NEXT);
        write(content);
        byte[] good = stored();
        byte[] swapped = good.clone();
        System.arraycopy(good, 24 + 65536, swapped, 24 + 2 * 65536, 65536);
        System.arraycopy(good, 24 + 2 * 65536, swapped, 24 + 65536, 65536);
        byte[] cut = Arrays.copyOf(good, 24 + 2 * 65536);
        byte[] longer = Arrays.copyOf(good, good.length + 65536);
        System.arraycopy(good, 24 + 65536, longer, good.length, 65536);
        for (byte[] bad : java.util.List.of(swapped, cut, longer)) {
            replace(bad);
            assertThatThrownBy(() -> new EncryptedStream(objects.open(KEY, ObjectType.PACK)).readAllBytes())
                    .isInstanceOf(RepositoryException.class)
                    .hasMessageContaining(KEY);
        }
    }

    @Test
    @DisplayName("HKDF gives the results of RFC 5869, test case 1")
    void hkdf() {
        HexFormat hex = HexFormat.of();
        byte[] secret = hex.parseHex("0b".repeat(22));
        byte[] derived = Hkdf.derive(
                secret, hex.parseHex("000102030405060708090a0b0c"), hex.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42);
        assertThat(hex.formatHex(derived))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    }

    @Test
    @DisplayName("A secret does not show in text")
    void secretText() {
        assertThat(master.toString()).contains(KID).contains("(secret)");
    }

    private void write(byte[] content) {
        try (EncryptingWriter writer = objects.create(KEY, ObjectType.PACK, new SegmentCipher())) {
            writer.write(content, 0, content.length);
            writer.commit();
        }
    }

    private void replace(byte[] stored) {
        store.delete(KEY);
        store.create(KEY, new ByteArrayInputStream(stored));
    }

    private byte[] stored() throws IOException {
        try (InputStream stream = store.open(KEY)) {
            return stream.readAllBytes();
        }
    }

    /** As docs/format/encryption.md has it, written out here a second time. */
    private static byte[] associatedData() {
        return ("muster-object\n1\n" + REPOSITORY + "\npack\n" + KEY + "\n" + KID).getBytes(StandardCharsets.UTF_8);
    }

    private AesGcmHkdfStreaming tink() throws GeneralSecurityException {
        return new AesGcmHkdfStreaming(master.secret().bytes(), "HmacSha256", 32, 65536, 0);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private record OneKey(MasterKey key) implements MasterKeys {
        @Override
        public Optional<MasterKey> find(String kid) {
            return key.kid().equals(kid) ? Optional.of(key) : Optional.empty();
        }

        @Override
        public MasterKey forWriting(String objectKey) {
            return key;
        }
    }
}
