package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.Repository;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.crypto.generators.SCrypt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassphraseTest {
    private static final String WORDS = "correct horse battery staple";
    private static final ScryptCost CHEAP = new ScryptCost(16, 8, 1);

    @TempDir
    private Path directory;

    private ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
    }

    @Test
    @DisplayName("A repository opens with its passphrase from a file, also with a line's end or other Unicode form")
    void opens() throws IOException {
        Path file = Files.writeString(directory.resolve("words"), "caf\u00e9 " + WORDS + "\n");
        Repository.create(store, WrappingKey.of("passphrase:file:" + file), Clock.systemUTC())
                .close();
        Repository.open(store, Passphrase.of("test", "cafe\u0301 " + WORDS)).close();
        assertRefused("WRONG_KEY", "passphrase in test", () -> Repository.open(store, Passphrase.of("test", WORDS)));
    }

    @Test
    @DisplayName("The function is scrypt as RFC 7914 has it")
    void vector() {
        byte[] derived = SCrypt.generate(ascii("pleaseletmein"), ascii("SodiumChloride"), 16384, 8, 1, 64);
        assertThat(HexFormat.of().formatHex(derived))
                .isEqualTo("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
    }

    @Test
    @DisplayName("A new passphrase that is short is refused, and an empty one or a variable that is not set always")
    void weak() {
        assertRefused(
                "PASSPHRASE_TOO_SHORT",
                "11",
                () -> Repository.create(
                        store, new Passphrase("test", List.of(), "eleven char", CHEAP), Clock.systemUTC()));
        assertRefused("PASSPHRASE_UNUSABLE", "test", () -> Passphrase.of("test", ""));
        assertRefused(
                "PASSPHRASE_MISSING",
                "MUSTER_NO_SUCH_VARIABLE",
                () -> WrappingKey.of("passphrase:env:MUSTER_NO_SUCH_VARIABLE"));
    }

    @ParameterizedTest(name = "n={0} r={1} p={2}")
    @DisplayName(
            "A slot that asks for too much work, or for none, is refused before it is computed, and hides no other")
    @CsvSource({"1073741824,8,1", "65536,4096,1", "65536,8,2147483647", "65537,8,1", "1,8,1", "65536,0,1", "2,1,8388608"
    })
    void costs(int n, int r, int p) {
        Passphrase passphrase = new Passphrase("test", List.of(), WORDS, CHEAP);
        KeyFile file = KeyFile.generate(directory.resolve("key"));
        Repository.create(store, List.of(file), Clock.systemUTC()).close();
        ObjectNode slot = JsonNodeFactory.instance
                .objectNode()
                .put("format", "muster-key")
                .put("version", 1)
                .put("kid", "f".repeat(32))
                .put("method", "passphrase")
                .put("kdf", "scrypt")
                .put("n", n)
                .put("r", r)
                .put("p", p)
                .put("kdfSalt", "ab".repeat(32));
        byte[] bytes = ascii(slot.toString());
        String hash = Sha256.hash(bytes).toString().substring(0, 16);
        store.create(
                "keys/" + "f".repeat(32) + "/passphrase-abababababababab-" + hash, new ByteArrayInputStream(bytes));
        assertRefused("PASSPHRASE_COST_REFUSED", "n=" + n, () -> Repository.open(store, passphrase));
        Repository.open(store, List.of(passphrase, file), Clock.systemUTC()).close();
    }

    @Test
    @DisplayName(
            "Slots of the same passphrase share their salt, so that many keys cost one computation, and many salts are refused")
    void shared() {
        Passphrase passphrase = new Passphrase("test", List.of(), WORDS, CHEAP);
        Repository.create(store, passphrase, Clock.systemUTC()).close();
        Passphrase again = new Passphrase("test", List.of(), WORDS, CHEAP);
        RepositoryKeys keys = Repository.keys(store, List.of(again), Clock.systemUTC());
        keys.rotate(new Rotation(null, List.of(again), false));
        assertThat(KeySlot.paths(store).stream().map(path -> path.split("-")[1]).distinct())
                .hasSize(1);
        RepositoryIdentity identity = new RepositoryIdentity("x", Sha256.hash(new byte[0]));
        for (int other = 0; other < 32; other++) {
            Passphrase stranger = new Passphrase("test", List.of(), WORDS, CHEAP);
            MasterKey master = new MasterKey("e".repeat(30) + (10 + other), Secret.random());
            KeySlot.wrap(master, null, stranger, "2026-11-21T00:00:00Z", identity)
                    .store(store);
        }
        assertThat(Repository.keys(store, List.of(again), Clock.systemUTC()).slots())
                .filteredOn(slot -> slot.trouble().orElse("").contains("more than 32"))
                .isNotEmpty();
        Repository.open(store, new Passphrase("test", List.of(), WORDS, CHEAP)).close();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
