package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.EncryptingWriter;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.KeyRing;
import dev.muster.repository.keys.RepositoryIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of files that this program never writes, by somebody who has the key. */
class HostileManifestTest {
    private static final String FIRST =
            "{'format':'muster-manifest','version':1,'source':'orders-main','backup':'B','kind':'full',"
                    + "'started':'2026-11-21T00:00:00Z','attributes':{}}";

    @TempDir
    private Path directory;

    private TestRepository test;
    private EncryptedStore objects;
    private int number;

    @BeforeEach
    void create() throws IOException {
        test = new TestRepository(directory);
        byte[] description = Files.readAllBytes(test.folder.resolve("repo.json"));
        objects = new EncryptedStore(
                test.store,
                test.repository.id(),
                KeyRing.open(
                        test.store,
                        List.of(test.key),
                        new RepositoryIdentity(test.repository.id(), Sha256.hash(description))));
    }

    @AfterEach
    void close() {
        test.close();
    }

    private List<Entry> read(String... entries) throws IOException {
        String key = "src/" + SOURCE + "/b/" + String.format(Locale.ROOT, "%026d", number++) + "/manifest";
        StringBuilder lines = new StringBuilder(FIRST).append('\n');
        for (String entry : entries) {
            lines.append(entry).append('\n');
        }
        lines.append("{'end':true,'entries':").append(entries.length).append(",'files':0,'bytes':0}\n");
        byte[] text = Zstd.compress(lines.toString().replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        try (EncryptingWriter writer = objects.create(key, ObjectType.MANIFEST, new SegmentCipher())) {
            writer.write(text, 0, text.length);
            writer.commit();
        }
        List<Entry> found = new ArrayList<>();
        new ManifestReader(objects.open(key, ObjectType.MANIFEST)).entries(found::add);
        return found;
    }

    private static String entry(String type, String path) {
        return "{'type':'" + type + "','path':'" + path + "','mode':448}";
    }

    @Test
    @DisplayName(
            "Repository and stores 7: absolute paths, '..', empty parts and zero bytes in a manifest are damage, named,"
                    + " and no entry of such a path is told of")
    void pathsOutOfTheTarget() throws IOException {
        assertThat(read(entry("directory", "good"))).hasSize(1);
        for (String path : List.of("/etc", "..", "../etc", "a/../../etc", "a//b", "a/", "", "x\\u0000y")) {
            assertDamaged(entry("directory", path));
        }
        String encoded = Base64.getEncoder().encodeToString("../etc".getBytes(StandardCharsets.UTF_8));
        assertDamaged("{'type':'directory','pathBase64':'" + encoded + "','mode':448}");
        assertDamaged(entry("directory", "x".repeat(256)));
    }

    @Test
    @DisplayName("Repository and stores 7: devices, pipes and sockets in a manifest are damage: there is no such type")
    void devices() throws IOException {
        assertThat(read(entry("symlink", "a").replace("}", ",'targetBase64':'Yg=='}")))
                .hasSize(1);
        for (String type : List.of("device", "block", "char", "fifo", "pipe", "socket", "hardlink")) {
            assertDamaged(entry(type, "a"));
        }
    }

    private void assertDamaged(String hostile) {
        List<Entry> told = new ArrayList<>();
        assertThatThrownBy(() -> told.addAll(read(entry("directory", "good"), hostile)))
                .as(hostile)
                .hasMessageContaining("/manifest")
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo("OBJECT_DAMAGED"));
        assertThat(told).isEmpty();
    }
}
