package dev.muster.cli.stores;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.cli.Errors;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StoreCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Test
    @DisplayName("A sound folder passes with success, every finding said in JSON, and nothing left in it")
    void sound() throws IOException {
        assertThat(run("check", "file://" + folder, "--output", "json")).isEqualTo(ExitCode.SUCCESS);
        JsonNode document = new ObjectMapper().readTree(out.toString());
        assertThat(document.path("store").asText()).isEqualTo("file://" + folder);
        assertThat(document.path("verdict").asText()).isEqualTo("warn");
        assertThat(document.path("items").size()).isGreaterThan(9);
        document.path("items").forEach(item -> {
            assertThat(item.path("verdict").asText()).isIn("ok", "warn");
            assertThat(item.path("sentence").asText()).isNotBlank();
        });
        assertThat(err.toString()).isEmpty();
    }

    @Test
    @DisplayName("What cannot be opened or does not answer is told of with its code, and is no success")
    void noStore() {
        assertThat(run("check", "file:///nowhere/at/all")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("STORE_MISSING").contains("Hint: ");
        assertThat(run("check", "s3://bucket?nonsense=true")).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(err.toString()).contains("STORE_URL_INVALID");
        assertThat(run("check", "file://" + folder + "?read-only=true")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("STORE_READ_ONLY");
    }

    private int run(String... arguments) {
        return Errors.configure(new CommandLine(new StoreCommand()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
