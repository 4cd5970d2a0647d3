package dev.muster.cli.context;

import static dev.muster.cli.context.ContextFileTest.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {
    private final Path folder;
    private final ContextFile file;

    TargetTest(@TempDir Path folder) {
        this.folder = folder;
        file = new ContextFile(folder.resolve("contexts.json"));
    }

    @BeforeEach
    void twoContexts() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "mst_test\n");
        file.write(Contexts.NONE
                .with(
                        new Context(
                                "test",
                                ApiAddress.parse("http://127.0.0.1:8080", false),
                                new TokenReference("file:" + token),
                                null),
                        false)
                .with(
                        new Context(
                                "production",
                                ApiAddress.parse("https://muster.example", false),
                                new TokenReference("env:PRODUCTION_TOKEN"),
                                null),
                        false));
    }

    @Test
    void theContextInUseCounts() {
        Target target = Target.choose(null, file, Map.of());
        assertThat(target.name()).isEqualTo("test");
        assertThat(target.token()).isEqualTo("mst_test");
    }

    @Test
    void theEnvironmentCountsBeforeTheContextInUse() {
        Target target =
                Target.choose(null, file, Map.of("MUSTER_API", "https://other.example/", "MUSTER_TOKEN", "mst_other"));
        assertThat(target.api()).hasToString("https://other.example");
        assertThat(target.token()).isEqualTo("mst_other");
        assertThat(Target.choose(null, file, Map.of("MUSTER_TOKEN", "file:" + folder.resolve("token")))
                        .token())
                .isEqualTo("mst_test");
    }

    @Test
    void theContextThatTheCommandLineNamesCountsBeforeTheEnvironment() {
        Target target = Target.choose(
                "production",
                file,
                Map.of(
                        "MUSTER_API",
                        "https://other.example",
                        "MUSTER_TOKEN",
                        "mst_other",
                        "PRODUCTION_TOKEN",
                        "mst_production"));
        assertThat(target.api()).hasToString("https://muster.example");
        assertThat(target.token()).isEqualTo("mst_production");
    }

    @Test
    void aContextsTokenNeverGoesToAnotherAddress() {
        expect("TOKEN_MISSING", () -> Target.choose(null, file, Map.of("MUSTER_API", "https://other.example")));
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        expect("CONTEXT_UNKNOWN", () -> Target.choose("prod", file, Map.of()));
        expect("TOKEN_UNREADABLE", () -> Target.choose("production", file, Map.of()));
        Files.delete(folder.resolve("token"));
        expect("TOKEN_UNREADABLE", () -> Target.choose("test", file, Map.of()));
        file.write(file.read().without("test"));
        expect("CONTEXT_NONE", () -> Target.choose(null, file, Map.of()));
    }

    @Test
    void aTokenWithALineBreakInItIsNoToken() throws IOException {
        Files.writeString(folder.resolve("token"), "mst_a\nX-Header: b");
        expect("TOKEN_UNREADABLE", () -> Target.choose("test", file, Map.of()));
    }

    @Test
    void aTokenInPlaceOfItsReferenceIsRefusedAndNotRepeated() {
        assertThatThrownBy(() -> new TokenReference("mst_secret"))
                .hasMessageNotContaining("secret")
                .hasMessageContaining("reference");
        expect("TOKEN_REFERENCE_INVALID", () -> new TokenReference("file:relative"));
    }

    @Test
    void aTokenGoesOverANetworkInTheClearOnlyIfSomebodySaidSo() {
        expect("API_ADDRESS_INVALID", () -> ApiAddress.parse("http://muster.example:8080", false));
        assertThat(ApiAddress.parse("http://muster.example:8080", true)).hasToString("http://muster.example:8080");
        assertThat(ApiAddress.parse("http://[::1]:8080", false)).hasToString("http://[::1]:8080");
        Map<String, String> environment = Map.of("MUSTER_API", "http://api:8080", "MUSTER_TOKEN", "mst_a");
        expect("API_ADDRESS_INVALID", () -> Target.choose(null, file, environment));
    }

    @Test
    void whatIsNoAddressIsRefusedAndAPasswordInItNotRepeated() {
        for (String text : new String[] {"muster.example", "ftp://a", "https://", "https://a?b=c", "https://a b"}) {
            expect("API_ADDRESS_INVALID", () -> ApiAddress.parse(text, false));
        }
        assertThatThrownBy(() -> ApiAddress.parse("https://me:secret@muster.example", false))
                .hasMessageNotContaining("secret");
    }
}
