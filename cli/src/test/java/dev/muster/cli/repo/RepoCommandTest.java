package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepoCommandTest {
    @TempDir
    Path folder;

    private Muster muster;
    private Path tree;

    @BeforeEach
    void create() throws IOException {
        muster = new Muster(folder);
        tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("etc"));
        Files.writeString(tree.resolve("etc/app.conf"), "threads = 4\n");
        Files.writeString(tree.resolve("etc/app.key"), "secret");
        muster.run("repo", "init").ok();
    }

    private Muster.Said backup(String... more) {
        String[] all = new String[more.length + 5];
        System.arraycopy(new String[] {"repo", "backup", "files:" + tree, "--source", "orders-files"}, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return muster.run(all);
    }

    @Test
    void aTreeIsBackedUpListedShownVerifiedComparedAndRestored() throws IOException {
        JsonNode made = backup("-o", "json").ok().json();
        assertThat(made.path("files").asInt()).isEqualTo(1);
        assertThat(made.path("secrets").path("names").path(0).asText()).isEqualTo("etc/app.key");
        String id = made.path("backup").asText();

        assertThat(muster.run("repo", "list").ok().out()).contains("orders-files", id, "full");
        JsonNode list = muster.run("repo", "list", "-o", "json").ok().json();
        assertThat(list.path("backups").path(0).path("backup").asText()).isEqualTo(id);
        assertThat(muster.run("repo", "show", "--source", "orders-files", "--files")
                        .ok()
                        .out())
                .contains("etc/app.conf")
                .doesNotContain("app.key");
        assertThat(muster.run("repo", "verify", "--source", "orders-files", "-o", "json")
                        .ok()
                        .json()
                        .path("sound")
                        .asBoolean())
                .isTrue();

        Path copy = folder.resolve("copy");
        muster.run("repo", "restore", "--source", "orders-files", "--to", copy.toString())
                .ok();
        assertThat(copy.resolve("etc/app.conf")).hasContent("threads = 4\n");
        assertThat(muster.run("repo", "diff", "--source", "orders-files", "--with", copy.toString())
                        .exit())
                .isZero();
        Files.writeString(copy.resolve("etc/app.conf"), "threads = 8\n");
        Muster.Said differs = muster.run("repo", "diff", "--source", "orders-files", "--with", copy.toString());
        assertThat(differs.exit()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(differs.out()).startsWith("~ etc/app.conf (content, modified)");
    }

    @Test
    void twoBackupsAreCompared() throws IOException {
        String first = backup("-o", "json").ok().json().path("backup").asText();
        FileTime time = Files.getLastModifiedTime(tree.resolve("etc"));
        Files.writeString(tree.resolve("etc/more.conf"), "x");
        Files.setLastModifiedTime(tree.resolve("etc"), time);
        String second = backup("-o", "json").ok().json().path("backup").asText();
        Muster.Said said = muster.run(
                "repo", "diff", "--source", "orders-files", "--backup", first, "--with-backup", second, "-o", "json");
        assertThat(said.exit()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(said.json().path("path").asText()).isEqualTo("etc/more.conf");
        assertThat(said.json().path("side").asText()).isEqualTo("second");
    }

    @Test
    void secretsThatWereLeftOutAreSaidToPeople() {
        assertThat(backup().ok().err()).contains("looks like a secret").contains("etc/app.key");
    }

    @Test
    void whatCannotBeIsToldInWordsWithItsCodeAndItsExitCode() throws IOException {
        expect(
                ExitCode.BAD_INPUT,
                "REPOSITORY_EXISTS",
                muster.run("repo", "init", "--if-missing").exit() == 0
                        ? Muster.plain(
                                "repo",
                                "init",
                                "--store",
                                "file://" + folder.resolve("store"),
                                "--key-file",
                                folder.resolve("key2").toString())
                        : muster.run("repo", "init"));
        expect(ExitCode.BAD_INPUT, "KEY_FILE_EXISTS", muster.run("repo", "init"));
        // As where the disk is not mounted, and a script makes at each start what is missing.
        Path mountPoint = Files.createDirectory(folder.resolve("mount"));
        String key = folder.resolve("key").toString();
        expect(
                ExitCode.BAD_INPUT,
                "REPOSITORY_GONE",
                Muster.plain("repo", "init", "--if-missing", "--store", "file://" + mountPoint, "--key-file", key));
        assertThat(mountPoint).isEmptyDirectory();
        expect(ExitCode.BAD_INPUT, "BACKUP_UNKNOWN", muster.run("repo", "show", "--source", "nothing"));
        expect(ExitCode.BAD_INPUT, "OPTIONS_REFUSED", muster.run("repo", "backup", "tape:x", "--source", "a"));
        expect(
                ExitCode.BAD_INPUT,
                "OPTIONS_REFUSED",
                muster.run("repo", "backup", "postgres:host=h password=p", "--data-dir", "/d", "--source", "a"));
        expect(
                ExitCode.BAD_INPUT,
                "SOURCE_NOT_A_DIRECTORY",
                muster.run("repo", "backup", "files:" + folder + "/none", "--source", "a"));
        expect(ExitCode.BAD_INPUT, "RULES_INVALID", backup("--exclude", "a//b"));
        backup().ok();
        expect(
                ExitCode.BAD_INPUT,
                "TARGET_NOT_EMPTY",
                muster.run("repo", "restore", "--source", "orders-files", "--to", tree.toString()));
        expect(
                ExitCode.BAD_INPUT,
                "NOT_A_POSTGRES_BACKUP",
                muster.run("restore", "--source", "orders-files", "--to", folder + "/pg"));
        assertThat(folder.resolve("pg")).doesNotExist();
    }

    private static void expect(int exit, String code, Muster.Said said) {
        assertThat(said.err()).startsWith(code + ": ").contains(" Hint: ").doesNotContain("\tat ");
        assertThat(said.exit()).isEqualTo(exit);
        assertThat(said.out()).isEmpty();
    }

    @Test
    void damageMakesVerifyFailAndNamesTheFile() throws IOException {
        Files.write(tree.resolve("large"), random(200_000));
        backup().ok();
        Path pack;
        try (var paths = Files.walk(folder.resolve("store"))) {
            pack = paths.filter(path -> path.toString().endsWith(".pack"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(pack);
        bytes[100_000] ^= 1;
        assertThat(pack.toFile().setWritable(true)).isTrue();
        Files.write(pack, bytes);
        Muster.Said said = muster.run("repo", "verify", "--source", "orders-files");
        assertThat(said.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(said.out()).startsWith("NOT SOUND");
        assertThat(said.err()).contains("OBJECT_DAMAGED");
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aStreamGoesThroughPipesOfAnotherProcessBothWays() throws Exception {
        byte[] dump = random(3 << 20);
        Process in = muster.child("repo", "backup", "stdin:orders.dump", "--source", "orders-dump", "-o", "json");
        try (OutputStream pipe = in.getOutputStream()) {
            pipe.write(dump);
        }
        String said = new String(in.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(in.waitFor())
                .as(said + Files.readString(folder.resolve("child.err")))
                .isZero();
        assertThat(said).startsWith("{").contains("\"bytes\":" + dump.length);

        // What is typed counts alone, or a variable that was forgotten would stand in the way.
        Process out = muster.child(
                Map.of("MUSTER_KEY", "file:/no/such/key"),
                "repo",
                "restore",
                "--source",
                "orders-dump",
                "--to",
                "-",
                "--key-file",
                folder.resolve("key").toString());
        assertThat(out.getInputStream().readAllBytes()).isEqualTo(dump);
        assertThat(out.waitFor()).isZero();
    }
}
