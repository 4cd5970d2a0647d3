package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineKeyTest {
    @TempDir
    private Path directory;

    private KeyFile key;
    private String text;

    @BeforeEach
    void print() {
        key = KeyFile.generate(directory.resolve("offline.key"));
        text = OfflineKey.text(key);
    }

    @Test
    @DisplayName(
            "Repository and stores 5: the offline key typed in from paper, however it is spaced, opens the repository")
    void typed() throws IOException {
        ObjectStore store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
        KeyFile daily = KeyFile.generate(directory.resolve("daily.key"));
        Repository.create(store, List.of(daily, key), Clock.systemUTC()).close();
        assertThat(text.lines()).hasSize(5);
        String people = text.toUpperCase(Locale.ROOT).replace(" ", "   ").replace("\n", "\r\n\n") + "\n";
        for (String form : List.of(text, people, text.replaceAll("0(?=[^\n]* )", "o"))) {
            Path typed = Files.writeString(directory.resolve("typed"), form);
            assertThat(KeyFile.read(typed).id()).isEqualTo(key.id());
            Repository.open(store, WrappingKey.of("file:" + typed)).close();
        }
    }

    @Test
    @DisplayName("Each single digit that is mistyped, and lines that are swapped or missing, are told with their line")
    void mistyped() throws IOException {
        String[] lines = text.split("\n");
        for (int line = 1; line < lines.length; line++) {
            for (int at = 3; at < lines[line].length(); at++) {
                char digit = lines[line].charAt(at);
                if (digit != ' ') {
                    String[] wrong = lines.clone();
                    wrong[line] =
                            lines[line].substring(0, at) + (digit == '7' ? '8' : '7') + lines[line].substring(at + 1);
                    refused("line " + line, wrong);
                }
            }
        }
        refused("line 1", lines[0], lines[2], lines[1], lines[3], lines[4]);
        refused("4 more lines", lines[0], lines[1], lines[2], lines[3]);
        String id = key.id();
        String other = (id.charAt(0) == '7' ? "8" : "7") + id.substring(1);
        refused("first line", lines[0].replace(id, other), lines[1], lines[2], lines[3], lines[4]);
    }

    private void refused(String named, String... lines) throws IOException {
        Path typed = Files.writeString(directory.resolve("typed"), String.join("\n", lines));
        assertRefused("KEY_FILE_MISTYPED", named, () -> KeyFile.read(typed));
    }
}
