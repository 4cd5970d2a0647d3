package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of {@code repo replicate}, {@code repo verify --level} and what opens a repository. */
class CopiesTest {
    @TempDir
    Path folder;

    private Muster muster;
    private Path tree;

    @BeforeEach
    void oneBackup() throws IOException {
        muster = new Muster(folder);
        tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("file"), "content");
        muster.run("repo", "init").ok();
        backup();
    }

    private void backup() {
        muster.run("repo", "backup", "files:" + tree, "--source", "orders").ok();
    }

    private String store(String name) throws IOException {
        return "file://" + Files.createDirectories(folder.resolve(name));
    }

    private Muster.Said replicate(String... more) {
        List<String> all = new ArrayList<>(List.of("repo", "replicate"));
        all.addAll(List.of(more));
        return muster.run(all.toArray(String[]::new));
    }

    @Test
    void aCopyIsMadeItsLagIsSaidAndItRestoresByItself() throws IOException {
        String cellar = store("cellar");
        String away = store("away");
        Muster.Said behind = replicate("--to", cellar, "--to", away, "--status");
        assertThat(behind.exit()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(behind.out()).contains(cellar + ": orders is behind by 1 backup");
        assertThat(folder.resolve("cellar")).isEmptyDirectory();

        JsonNode made =
                replicate("--to", cellar, "--to", away, "-o", "json").ok().json();
        assertThat(made.path("sound").asBoolean()).isTrue();
        assertThat(made.path("replicas")).hasSize(2);
        assertThat(replicate("--to", cellar, "--to", away, "--status").ok().out())
                .contains(away + ": orders has everything");
        assertThat(replicate("--to", cellar).ok().out()).contains("0 objects");
        backup();
        assertThat(replicate("--to", cellar, "--status", "-o", "json").json().path("current"))
                .hasToString("false");

        Path back = folder.resolve("back");
        Muster.plain(
                        "repo",
                        "restore",
                        "--source",
                        "orders",
                        "--to",
                        back.toString(),
                        "--store",
                        away,
                        "--key",
                        "file:" + folder.resolve("key"))
                .ok();
        assertThat(back.resolve("file")).hasContent("content");
    }

    @Test
    @DisplayName("3-2-1 is judged by where stores are said to be, and by what they really hold")
    void threeTwoOneIsReported() throws IOException {
        String away = store("away");
        String own = "file://" + folder.resolve("store");
        Path places = Files.writeString(
                folder.resolve("places"),
                "# where things are\n" + own + "=cellar,disk,onsite\nlive=database,ssd,onsite\n");
        String[] report = {"--to", away, "--places", places.toString(), "--report"};
        Muster.Said nowhere = replicate(report);
        assertThat(nowhere.err()).startsWith("OPTIONS_REFUSED").contains("Nothing says where " + away);
        Files.writeString(places, Files.readString(places) + away + "=bunker,tape,offsite\n");
        Muster.Said empty = replicate(report);
        assertThat(empty.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(empty.out()).contains("3-2-1 is NOT fulfilled", "The store bunker counts as no copy");
        replicate("--to", away).ok();
        assertThat(replicate(report).ok().out()).contains("3-2-1 is fulfilled", "database, cellar, bunker");
    }

    @Test
    void aStoreThatIsAwayHoldsUpNoCopyInTheOthers() throws IOException {
        String away = "file://" + folder.resolve("unmounted");
        String cellar = store("cellar");
        Muster.Said said = replicate("--to", away, "--to", cellar);
        assertThat(said.exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(said.out()).contains("Replicated to " + cellar + ": 1 new backup");
        assertThat(said.err()).contains("NOT LOOKED AT: " + away, "STORE_MISSING", " Hint: ");
        Muster.Said status = replicate("--to", away, "--to", cellar, "--status", "-o", "json");
        assertThat(status.exit()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(status.json().path("current").asBoolean()).isFalse();
        assertThat(status.json().path("replicas")).hasSize(2);
        // Nothing was touched: as what does not exist is everywhere.
        assertThat(replicate("--to", away).exit()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingIsWritten() throws IOException {
        String away = store("away");
        String own = "file://" + folder.resolve("store");
        for (List<String> wrong : List.of(
                List.of("--to", own),
                List.of("--to", away, "--to", away),
                List.of("--to", away, "--threads", "0"),
                List.of("--to", away, "--not-older", "yesterday"),
                List.of("--to", away, "--place", "nonsense"))) {
            Muster.Said said = replicate(wrong.toArray(String[]::new));
            assertThat(said.err())
                    .as(wrong.toString())
                    .startsWith("OPTIONS_REFUSED")
                    .contains(" Hint: ");
            assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        }
        assertThat(replicate("--to", away, "--source", "other").err()).startsWith("BACKUP_UNKNOWN");
        assertThat(replicate("--to", away, "--to", "s3://").err()).startsWith("STORE_URL_INVALID");
        assertThat(folder.resolve("away")).isEmptyDirectory();
    }

    @Test
    void theWholeRepositoryIsVerifiedAsDeepAsAsked() throws IOException {
        for (String level : List.of("listing", "indexes", "content")) {
            JsonNode found = muster.run("repo", "verify", "--level", level, "-o", "json")
                    .ok()
                    .json();
            assertThat(found.path("levels").path(0).path("level").asText()).isEqualTo(level);
            assertThat(found.path("sound").asBoolean()).isTrue();
        }
        String state = folder.resolve("looked").toString();
        Muster.Said first = muster.run("repo", "verify", "--level", "content", "--budget", "1B", "--state", state);
        assertThat(first.ok().out()).contains("as far as the budget went", "were never found sound");
        Muster.Said rest = muster.run("repo", "verify", "--level", "content", "--budget", "30m", "--state", state);
        assertThat(rest.ok().out()).contains("each object in the store was found sound");

        Path pack;
        try (var paths = Files.walk(folder.resolve("store"))) {
            pack = paths.filter(path -> path.toString().endsWith(".pack"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(pack);
        Muster.Said gone = muster.run("repo", "verify", "--level", "listing", "--source", "orders");
        assertThat(gone.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(gone.out()).startsWith("NOT SOUND (listing)");
        assertThat(gone.err()).contains("OBJECT_MISSING");
    }

    @Test
    void aLookThatCannotBeIsRefused() {
        for (List<String> wrong : List.<List<String>>of(
                List.of(),
                List.of("--level", "deep"),
                List.of("--level", "listing", "--backup", "x"),
                List.of("--level", "listing", "--budget", "1GB"),
                List.of("--level", "content", "--source", "orders"),
                List.of("--level", "content", "--budget", "1GB"),
                List.of(
                        "--level",
                        "content",
                        "--budget",
                        "much",
                        "--state",
                        folder.resolve("s").toString()),
                List.of(
                        "--level",
                        "content",
                        "--state",
                        folder.resolve("no/state").toString()),
                List.of("--source", "orders", "--budget", "1GB"),
                List.of("--source", "orders", "--threads", "0"))) {
            List<String> all = new ArrayList<>(List.of("repo", "verify"));
            all.addAll(wrong);
            Muster.Said said = muster.run(all.toArray(String[]::new));
            assertThat(said.err())
                    .as(wrong.toString())
                    .startsWith("OPTIONS_REFUSED")
                    .contains(" Hint: ");
            assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        }
    }

    @Test
    void aRepositoryIsMadeAndOpenedWithAnyKeyThatReferencesName() throws Exception {
        String other = store("other");
        Path words = Files.writeString(folder.resolve("words"), "four words, none of them guessed\n");
        String passphrase = "passphrase:file:" + words;
        Muster.plain("repo", "init", "--store", other, "--key", passphrase).ok();
        Muster.plain("repo", "list", "--store", other, "--key", passphrase).ok();
        Muster.Said wrong = Muster.plain(
                "repo",
                "list",
                "--store",
                other,
                "--key-file",
                folder.resolve("key").toString());
        assertThat(wrong.err()).startsWith("WRONG_KEY");
        assertThat(Muster.plain("wal", "gaps", "--source", "orders", "--store", other, "--key", passphrase)
                        .exit())
                .isZero();
        JsonNode slots = Muster.plain("repo", "keys", "list", "--store", other, "--key", passphrase, "-o", "json")
                .ok()
                .json();
        assertThat(slots.path("slots").path(0).path("state").asText()).isEqualTo("opens");
        Muster.Said reference = Muster.plain("repo", "list", "--store", other, "--key", "secret");
        assertThat(reference.err()).startsWith("KEY_REFERENCE_INVALID").doesNotContain("secret'");
        assertThat(reference.exit()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void withoutAKeyNothingIsOpenedAndBothWaysToGiveOneAreNamed() throws IOException {
        Muster.Said said = Muster.plain("repo", "list", "--store", store("store"));
        assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(said.err()).contains("--key-file", "--key=KEY");
    }

    @Test
    void optionsOfAnotherKindOfSourceAreRefused() {
        for (List<String> wrong : List.of(
                List.of("files:" + tree, "--kind", "full"),
                List.of("files:" + tree, "--allow-empty"),
                List.of("stdin:x", "--limit", "1MB"),
                List.of("stdin:x", "--exclude", "y"),
                List.of("stdin:x", "--wait", "1m"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--wait", "13h"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--wait", "long"),
                List.of("postgres:host=h", "--full", "--data-dir", tree.toString()),
                List.of("postgres:host=h", "--data-dir", tree + "/none"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--kind", "hourly"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--parent", "x"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--limit", "fast"),
                List.of("postgres:host=h", "--data-dir", tree.toString(), "--wal", "there"))) {
            List<String> all = new ArrayList<>(List.of("repo", "backup", "--source", "other"));
            all.addAll(wrong);
            Muster.Said said = muster.run(all.toArray(String[]::new));
            assertThat(said.err())
                    .as(wrong.toString())
                    .startsWith("OPTIONS_REFUSED")
                    .contains(" Hint: ");
            assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        }
    }
}
