package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.sources.SourceException;
import dev.muster.sources.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRulesTest {
    @TempDir
    Path folder;

    @Test
    void theRuleNearestToAFileDecides() throws IOException {
        try (TestStore store = TestStore.create(folder)) {
            store.write("etc/app/app.conf", "a");
            store.write("etc/app/app.tmp", "a");
            store.write("etc/other/x.conf", "a");
            store.write("var/cache/big", "a");
            store.write("keep.txt", "a");
            FileRules rules = FileRules.of(List.of("etc/app"), List.of("etc", "*.tmp", "/var/cache/"), false);
            var result = store.backup(store.settings(rules));
            assertThat(store.entries(result.backupId()))
                    .containsOnlyKeys(".", "etc", "etc/app", "etc/app/app.conf", "keep.txt", "var");
        }
    }

    @Test
    void anIncludeAloneBelowExcludeAllTakesOnlyWhatItNames() throws IOException {
        try (TestStore store = TestStore.create(folder)) {
            store.write("a/b/wanted.conf", "a");
            store.write("a/b/other", "a");
            store.write("c/d/other", "a");
            var result = store.backup(store.settings(FileRules.of(List.of("*.conf"), List.of("*"), false)));
            assertThat(store.entries(result.backupId())).containsOnlyKeys(".", "a", "a/b", "a/b/wanted.conf");
        }
    }

    @Test
    void secretsStayOutAndAreNamedUnlessTheyAreAskedFor() throws IOException {
        try (TestStore store = TestStore.create(folder)) {
            store.write("app/server.key", "secret");
            store.write("app/.env", "secret");
            store.write("home/.ssh/id_ed25519", "secret");
            store.write("home/.ssh/id_ed25519.pub", "not secret");
            store.write("home/.aws/credentials", "secret");
            var result = store.backup();
            assertThat(store.entries(result.backupId()))
                    .containsKey("home/.ssh/id_ed25519.pub")
                    .doesNotContainKeys("app/server.key", "app/.env", "home/.ssh/id_ed25519", "home/.aws/credentials");
            assertThat(result.secrets().names())
                    .containsExactlyInAnyOrder(
                            "app/server.key", "app/.env", "home/.ssh/id_ed25519", "home/.aws/credentials");

            var one = store.backup(store.settings(FileRules.of(List.of("app/server.key"), List.of(), false)));
            assertThat(store.entries(one.backupId()))
                    .containsKey("app/server.key")
                    .doesNotContainKey("app/.env");
            var all = store.backup(store.settings(FileRules.of(List.of(), List.of(), true)));
            assertThat(store.entries(all.backupId())).containsKeys("app/server.key", "home/.aws/credentials");
        }
    }

    @Test
    void aFileOfRulesNamesTheLineThatIsWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("rules"), "# what we keep\nexclude *.tmp\n\nkeep *.conf\n");
        assertThatThrownBy(() -> FileRules.defaults().with(file))
                .isInstanceOfSatisfying(SourceException.class, refused -> {
                    assertThat(refused.code()).isEqualTo("RULES_INVALID");
                    assertThat(refused).hasMessageContaining("line 4");
                });
        Files.writeString(file, "exclude *.tmp\ninclude important.tmp\n");
        try (TestStore store = TestStore.create(folder.resolve("run"))) {
            store.write("a.tmp", "a");
            store.write("important.tmp", "a");
            var result = store.backup(store.settings(FileRules.defaults().with(file)));
            assertThat(store.entries(result.backupId())).containsOnlyKeys(".", "important.tmp");
        }
    }
}
