package dev.muster.repository.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName("A key file is one line for its owner only, and reads back as the same key")
    void roundTrip() throws IOException {
        Path path = directory.resolve("muster.key");
        KeyFile written = KeyFile.generate(path);
        assertThat(Files.readString(path)).matches("MUSTER-KEY-1 [0-9a-f]{64} [0-9a-f]{16}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(KeyFile.read(path).id()).isEqualTo(written.id()).matches("[0-9a-f]{16}");
    }

    @Test
    @DisplayName("A key file is never overwritten")
    void exists() throws IOException {
        Path path = directory.resolve("muster.key");
        KeyFile.generate(path);
        String before = Files.readString(path);
        assertRefused("KEY_FILE_EXISTS", "muster.key", () -> KeyFile.generate(path));
        assertThat(Files.readString(path)).isEqualTo(before);
        assertRefused("KEY_FILE_UNWRITABLE", "no", () -> KeyFile.generate(directory.resolve("no/muster.key")));
    }

    @Test
    @DisplayName("Repository and stores 4: a key file with any one bit flipped or cut anywhere is named as damaged")
    void damaged() throws IOException {
        Path path = directory.resolve("muster.key");
        KeyFile.generate(path);
        byte[] good = Files.readAllBytes(path);
        // The last byte is the line's end, which may be missing or another white space.
        for (int bit = 0; bit < (good.length - 1) * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(path, bad);
            assertRefused("KEY_FILE_DAMAGED", "muster.key", () -> KeyFile.read(path));
        }
        for (int length = 0; length < good.length - 1; length++) {
            Files.write(path, java.util.Arrays.copyOf(good, length));
            assertRefused("KEY_FILE_DAMAGED", "muster.key", () -> KeyFile.read(path));
        }
    }

    @Test
    @DisplayName("A missing key file and one that is a folder are named")
    void missing() {
        assertRefused("KEY_FILE_MISSING", "none.key", () -> KeyFile.read(directory.resolve("none.key")));
        assertRefused("KEY_FILE_UNREADABLE", directory.toString(), () -> KeyFile.read(directory));
    }

    @Test
    @DisplayName("A key file inside of the store is refused, also behind a link")
    void insideStore() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("store/keys-here"));
        ObjectStore store = Stores.open(directory.resolve("store").toUri().toString());
        KeyFile inside = KeyFile.generate(folder.resolve("muster.key"));
        assertRefused("KEY_FILE_IN_STORE", "muster.key", () -> Repository.create(store, inside, Clock.systemUTC()));
        Path link = Files.createSymbolicLink(directory.resolve("link.key"), folder.resolve("muster.key"));
        assertRefused("KEY_FILE_IN_STORE", "link.key", () -> Repository.open(store, KeyFile.read(link)));
        assertThat(store.find("repo.json")).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a wrong key is told as such, with the key file and the keys of the repository")
    void wrongKey() throws IOException {
        ObjectStore store = newStore();
        Repository.create(store, KeyFile.generate(directory.resolve("right.key")), Clock.systemUTC())
                .close();
        String kid = slots(store).get(0).split("/")[1];
        KeyFile wrong = KeyFile.generate(directory.resolve("wrong.key"));
        assertRefused("WRONG_KEY", "wrong.key", () -> Repository.open(store, wrong));
        assertRefused("WRONG_KEY", kid, () -> Repository.open(store, wrong));
    }

    @Test
    @DisplayName(
            "Slots of methods that this program does not know, and damaged ones of others, do not hinder the good one")
    void otherSlots() throws IOException {
        ObjectStore store = newStore();
        KeyFile key = KeyFile.generate(directory.resolve("muster.key"));
        Repository.create(store, key, Clock.systemUTC()).close();
        String kid = slots(store).get(0).split("/")[1];
        String kms = "{\"format\":\"muster-key\",\"version\":1,\"method\":\"aws-kms\",\"blob\":\"x\"}";
        put(store, "keys/" + kid + "/aws-kms-eu-" + hash(kms), kms);
        put(store, "keys/" + kid + "/broken-0123456789abcdef", "{\"format\":");
        String newer =
                "{\"format\":\"muster-key\",\"version\":2,\"method\":\"key-file\",\"keyFile\":\"" + key.id() + "\"}";
        put(store, "keys/" + "f".repeat(32) + "/key-file-x-" + hash(newer), newer);
        Repository.open(store, key).close();
    }

    @Test
    @DisplayName("A slot moved to another name, or a repo.json of another time, does not open")
    void bound() throws IOException {
        ObjectStore store = newStore();
        KeyFile key = KeyFile.generate(directory.resolve("muster.key"));
        Repository.create(store, key, Clock.systemUTC()).close();
        String slot = slots(store).get(0);
        byte[] bytes = Files.readAllBytes(directory.resolve("store").resolve(slot));
        store.delete(slot);
        store.create(slot.replace("/key-file", "/x-key-file"), new ByteArrayInputStream(bytes));
        assertRefused("OBJECT_DAMAGED", slot.replace("/key-file", "/x-key-file"), () -> Repository.open(store, key));
        store.delete(slot.replace("/key-file", "/x-key-file"));
        store.create(slot, new ByteArrayInputStream(bytes));
        Repository.open(store, key).close();

        Path description = directory.resolve("store/repo.json");
        Files.writeString(description, Files.readString(description).replaceFirst("T..:", "T77:"));
        assertRefused("OBJECT_DAMAGED", slot, () -> Repository.open(store, key));
        store.delete(slot);
        assertRefused("KEYS_MISSING", "keys/", () -> Repository.open(store, key));
    }

    @Test
    @DisplayName("A store without a repository is told as such, and a second repository in a store is refused")
    void repositories() throws IOException {
        ObjectStore store = newStore();
        KeyFile key = KeyFile.generate(directory.resolve("muster.key"));
        assertRefused("NOT_A_REPOSITORY", store.url(), () -> Repository.open(store, key));
        Repository.create(store, key, Clock.systemUTC()).close();
        assertRefused("REPOSITORY_EXISTS", store.url(), () -> Repository.create(store, key, Clock.systemUTC()));
        Path description = directory.resolve("store/repo.json");
        Files.writeString(description, Files.readString(description).replace("\"version\":1", "\"version\":2"));
        assertRefused("FORMAT_UNKNOWN", "version 2", () -> Repository.open(store, key));
    }

    private ObjectStore newStore() throws IOException {
        return Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
    }

    private static List<String> slots(ObjectStore store) {
        List<String> slots = new ArrayList<>();
        store.list("keys/", slot -> slots.add(slot.key()));
        return slots;
    }

    private static String hash(String text) {
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).toString().substring(0, 16);
    }

    private static void put(ObjectStore store, String key, String text) {
        store.create(key, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void assertRefused(String code, String named, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(named)
                .asInstanceOf(type(RepositoryException.class))
                .satisfies(e -> assertThat(e.hint()).isNotBlank())
                .extracting(RepositoryException::code)
                .isEqualTo(code);
    }
}
