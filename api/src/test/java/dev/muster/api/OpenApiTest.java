package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.api.openapi.OpenApiDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "openapi.yaml");

    @Test
    void theDescriptionInTheDocsIsWhatTheCodeSays() throws IOException {
        String now = OpenApiDocument.yaml(ApiServer.RESOURCES);
        String written = Files.exists(PAGE) ? Files.readString(PAGE) : "";
        if (!now.equals(written)) {
            Files.writeString(PAGE, now);
        }
        assertThat(written)
                .as(
                        "docs/reference/openapi.yaml differed and has been written anew: look at the difference and commit it")
                .isEqualTo(now);
    }
}
