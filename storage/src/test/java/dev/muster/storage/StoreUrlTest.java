package dev.muster.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreUrlTest {
    @Test
    @DisplayName("A URL says the place, the path and the settings, and is written as it was read")
    void parts() {
        String text = "s3://backups/orders/eu?endpoint=http://localhost:9000&path-style=true";
        StoreUrl url = StoreUrl.parse(text);
        assertThat(url.scheme()).isEqualTo("s3");
        assertThat(url.place()).isEqualTo("backups");
        assertThat(url.path()).isEqualTo("orders/eu");
        assertThat(url.setting("endpoint")).contains("http://localhost:9000");
        assertThat(url.flag("path-style", false)).isTrue();
        assertThat(url).hasToString(text);
        assertThat(StoreUrl.parse("file:///var/a%20b")).hasToString("file:///var/a%20b");
        assertThat(StoreUrl.parse(text + "&x=a%26b").setting("x")).contains("a&b");
    }

    @Test
    @DisplayName("A setting that nobody reads is refused, with those there are")
    void unknownSetting() {
        assertThatThrownBy(() -> StoreUrl.parse("s3://b?pathstyle=true").refuseSettingsBut(Set.of("path-style")))
                .hasMessageContaining("no setting 'pathstyle', only path-style");
    }

    @Test
    @DisplayName("A secret is read from where the URL says; one that stands in the URL is refused and not repeated")
    void secrets(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "geheim\n");
        assertThat(StoreUrl.parse("s3://b?secret-key=file:" + file).secret("secret-key"))
                .contains("geheim");
        assertThatThrownBy(() -> StoreUrl.parse("s3://b?secret-key=geheim").secret("secret-key"))
                .hasMessageContaining("is a reference")
                .hasMessageNotContaining("geheim");
        assertThatThrownBy(() -> StoreUrl.parse("s3://b?secret-key=env:MUSTER_NO_SUCH_VARIABLE")
                        .secret("secret-key"))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        trouble -> assertThat(trouble.code()).isEqualTo("SECRET_MISSING"))
                .hasMessageContaining("env:MUSTER_NO_SUCH_VARIABLE");
        assertThatThrownBy(() -> StoreUrl.parse("s3://key:geheim@b/x")).hasMessageNotContaining("geheim");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/tmp", "s3:bucket", "s3://b?x", "s3://b?x=1&x=2", "s3://b#x", "s3://b:90/x"})
    @DisplayName("What is no URL of a store is refused with the form it should have")
    void refused(String url) {
        assertThatThrownBy(() -> StoreUrl.parse(url))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        trouble -> assertThat(trouble.code()).isEqualTo("STORE_URL_INVALID"));
    }
}
