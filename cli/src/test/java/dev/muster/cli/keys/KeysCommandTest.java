package dev.muster.cli.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Errors;
import dev.muster.cli.ExitCode;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KeysCommandTest {
    @TempDir
    private Path folder;

    private String store;
    private String daily;

    @BeforeEach
    void create() throws IOException {
        store = Files.createDirectory(folder.resolve("store")).toUri().toString();
        KeyFile key = KeyFile.generate(folder.resolve("daily.key"));
        daily = "file:" + key.path();
        Repository.create(Stores.open(store), key, Clock.systemUTC()).close();
    }

    @Test
    @DisplayName(
            "Repository and stores 5: a lost daily key: the paper from the safe is typed in, opens all, and replaces it")
    void lostKey() throws IOException {
        Path offline = folder.resolve("offline.key");
        run(ExitCode.SUCCESS, "generate", offline.toString());
        with(daily, ExitCode.SUCCESS, "add", "--new", "file:" + offline);
        String paper = run(ExitCode.SUCCESS, "paper", offline.toString());
        Files.delete(offline);
        Files.delete(folder.resolve("daily.key"));

        String typed = "file:" + Files.writeString(folder.resolve("typed"), paper);
        run(ExitCode.SUCCESS, "generate", folder.resolve("new.key").toString());
        with(typed, ExitCode.SUCCESS, "add", "--new", "file:" + folder.resolve("new.key"));
        String lost = with(typed, ExitCode.SUCCESS, "list");
        Matcher slots = Pattern.compile("(keys/\\S+) +all +for others").matcher(lost);
        List<String> others = new ArrayList<>();
        while (slots.find()) {
            others.add(slots.group(1));
        }
        assertThat(others).as("of the lost key and of the new one").hasSize(2);
        String newId = KeyFile.read(folder.resolve("new.key")).id();
        others.removeIf(slot -> slot.contains(newId));
        with(typed, ExitCode.SUCCESS, "revoke", others.get(0));
        Repository.open(Stores.open(store), WrappingKey.of("file:" + folder.resolve("new.key")))
                .close();
    }

    @Test
    @DisplayName("Rotating without the offline key is refused with the slot that would be left out, and done with it")
    void rotate() {
        String offline = "file:" + folder.resolve("offline.key");
        run(ExitCode.SUCCESS, "generate", folder.resolve("offline.key").toString());
        with(daily, ExitCode.SUCCESS, "add", "--new", offline);
        assertThat(with(daily, ExitCode.BAD_INPUT, "rotate")).contains("ROTATION_LEAVES_OUT", "Hint: ");
        assertThat(with(daily, ExitCode.SUCCESS, "rotate", "--also", offline)).contains("Made the master key");
        assertThat(with(daily, ExitCode.SUCCESS, "rotate", "--leave-others-out"))
                .contains("Made the master key");
        assertThat(with(offline, ExitCode.SUCCESS, "list").split("opens")).hasSize(3);
    }

    @Test
    @DisplayName("An old key is removed when it is said that the writers were restarted, and not when objects need it")
    void removeKey() {
        with(daily, ExitCode.SUCCESS, "rotate");
        String middle = with(daily, ExitCode.SUCCESS, "rotate").replaceAll("(?s).*key ([0-9a-f]{32}).*", "$1");
        with(daily, ExitCode.SUCCESS, "rotate");
        assertThat(with(daily, ExitCode.BAD_INPUT, "remove-key", middle)).contains("--writers-restarted");
        assertThat(with(daily, ExitCode.SUCCESS, "remove-key", middle, "--writers-restarted"))
                .contains("Removed");
        assertThat(with(daily, ExitCode.SUCCESS, "list", "--usage")).doesNotContain(middle);
    }

    @Test
    @DisplayName("What is wrong is told with code and hint; a key service that is away has its own exit code")
    void refusals() {
        assertThat(with(daily, ExitCode.BAD_INPUT, "revoke", "keys/x/y")).contains("KEY_SLOT_UNKNOWN", "Hint: ");
        assertThat(with("secret", ExitCode.BAD_INPUT, "list"))
                .contains("KEY_REFERENCE_INVALID")
                .doesNotContain("secret'");
        run(
                ExitCode.SUCCESS,
                "generate",
                "--local-kms",
                folder.resolve("kms.key").toString());
        String kms = "local-kms:" + folder.resolve("kms.key");
        with(daily, ExitCode.SUCCESS, "add", "--new", kms);
        with(kms, ExitCode.SUCCESS, "list");
        assertThat(folder.resolve("kms.key").toFile().delete()).isTrue();
        assertThat(with(kms, ExitCode.UNREACHABLE, "list")).contains("KMS_UNREACHABLE");
        assertThat(with(daily, ExitCode.BAD_INPUT, "rotate", "--scope", "Not A Source"))
                .contains("Not a source");
    }

    private String with(String key, int exit, String verb, String... more) {
        List<String> arguments = new ArrayList<>(List.of(verb, "--store", store, "--key", key));
        arguments.addAll(List.of(more));
        return run(exit, arguments.toArray(String[]::new));
    }

    private String run(int exit, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int code = Errors.configure(new CommandLine(new KeysCommand()))
                .setOut(out)
                .setErr(out)
                .execute(arguments);
        assertThat(code).as(said.toString()).isEqualTo(exit);
        return said.toString();
    }
}
