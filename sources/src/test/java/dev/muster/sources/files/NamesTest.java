package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.LinkTarget;
import dev.muster.sources.Child;
import dev.muster.sources.TestStore;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    private static final List<byte[]> NAMES = List.of(
            new byte[] {'l', 'a', 't', 'i', 'n', (byte) 0xE4},
            new byte[] {(byte) 0xFF, (byte) 0xFE},
            "umlaut-ä-漢".getBytes(StandardCharsets.UTF_8),
            "new\nline".getBytes(StandardCharsets.UTF_8),
            "%41 ?*[\\".getBytes(StandardCharsets.UTF_8),
            "-rf".getBytes(StandardCharsets.UTF_8),
            "x".repeat(255).getBytes(StandardCharsets.UTF_8),
            "ä".repeat(127).getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"C.UTF-8", "POSIX"})
    @DisplayName("Repository 7: names of 255 bytes and names that are not UTF-8 come through whole, in any locale")
    void everyNameComesBackByteForByteInAnyLocale(String locale) throws Exception {
        try (TestStore store = TestStore.create(folder)) {
            for (byte[] name : NAMES) {
                Path directory = store.tree().resolve(NativePath.path(name));
                Files.createDirectory(directory);
                Files.write(directory.resolve(NativePath.path(name)), name);
                Files.createSymbolicLink(directory.resolve("link"), NativePath.path(name));
            }
            Map<String, String> environment = Map.of("LC_ALL", locale);
            Child.Said backup = Child.run(List.of(), environment, "128m", "backup", folder.toString());
            assertThat(backup.exit()).as(backup.text()).isZero();
            String id = backup.text().lines().findFirst().orElseThrow();
            Map<EntryPath, Entry> entries = new HashMap<>();
            store.reader(id).entries(entry -> entries.put(entry.path(), entry));
            for (byte[] name : NAMES) {
                assertThat(entries).containsKey(EntryPath.of(name)).containsKey(EntryPath.of(twice(name)));
                assertThat(entries.values())
                        .anySatisfy(entry -> assertThat(entry.target()).contains(LinkTarget.of(name)));
            }
            Child.Said restored =
                    Child.run(List.of(), environment, "128m", "restore", folder.toString(), id, folder + "/copy");
            assertThat(restored.exit()).as(restored.text()).isZero();
            assertThat(listing(folder.resolve("copy"))).isEqualTo(listing(store.tree()));
            Child.Said diff =
                    Child.run(List.of(), environment, "128m", "diff", folder.toString(), id, folder + "/copy");
            assertThat(diff.text()).isEqualTo("compared\n");
        }
    }

    private static byte[] twice(byte[] name) {
        byte[] twice = new byte[name.length * 2 + 1];
        System.arraycopy(name, 0, twice, 0, name.length);
        twice[name.length] = '/';
        System.arraycopy(name, 0, twice, name.length + 1, name.length);
        return twice;
    }

    /** As a program that knows nothing of Java sees it. */
    private static String listing(Path folder) throws IOException {
        Process find = new ProcessBuilder("sh", "-c", "find . -printf '%p %y %l %s\\n' | LC_ALL=C sort")
                .directory(folder.toFile())
                .start();
        return new String(find.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Test
    @DisplayName("Repository 7: a file that cannot be read fails the backup and is named, unless it may be left out")
    void whatCannotBeReadFailsTheBackupUnlessToldOtherwise() throws Exception {
        try (TestStore store = TestStore.create(folder)) {
            store.write("open", "a");
            Path secret = store.write("closed", "b");
            Files.setPosixFilePermissions(secret, java.util.Set.of());
            // Root may read everything; without its privileges, in a namespace, it is a user like others.
            List<String> before = "root".equals(System.getProperty("user.name")) ? List.of("unshare", "-U") : List.of();
            Child.Said refused = Child.run(before, Map.of(), "128m", "backup", folder.toString());
            assertThat(refused.exit()).as(refused.text()).isEqualTo(1);
            assertThat(refused.text()).contains("SOURCE_UNREADABLE").contains("closed (permission denied)");
            assertThat(store.repository().backups(TestStore.SOURCE)).isEmpty();

            Child.Said without = Child.run(before, Map.of(), "128m", "backup", folder.toString(), "allow");
            assertThat(without.exit()).as(without.text()).isZero();
            assertThat(without.text()).contains("unreadable [closed (permission denied)]");
            String id = without.text().lines().findFirst().orElseThrow();
            assertThat(store.entries(id)).containsOnlyKeys(".", "open");
        }
    }
}
