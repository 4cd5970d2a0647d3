package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpireRepoTest {
    @TempDir
    Path folder;

    private Muster muster;
    private final List<String> backups = new ArrayList<>();

    @BeforeEach
    void threeBackups() throws IOException {
        muster = new Muster(folder);
        Path tree = Files.createDirectories(folder.resolve("tree"));
        muster.run("repo", "init").ok();
        for (int i = 0; i < 3; i++) {
            Files.writeString(tree.resolve("file"), "content " + i);
            backups.add(muster.run("repo", "backup", "files:" + tree, "--source", "orders", "--full", "-o", "json")
                    .ok()
                    .json()
                    .path("backup")
                    .asText());
        }
    }

    private Muster.Said expire(String... more) {
        List<String> all = new ArrayList<>(List.of("repo", "expire", "--source", "orders"));
        all.addAll(List.of(more));
        return muster.run(all.toArray(String[]::new));
    }

    private List<String> left() {
        List<String> left = new ArrayList<>();
        for (JsonNode one : muster.run("repo", "list", "-o", "json").ok().json().path("backups")) {
            left.add(one.path("backup").asText());
        }
        return left;
    }

    @Test
    @DisplayName("A dry run gives every reason and a hash, and only the plan with that hash is carried out by it")
    void aPlanIsReadAndThenCarriedOutByItsHash() {
        Muster.Said plan = expire("--keep-last", "2", "--dry-run").ok();
        assertThat(plan.out())
                .contains("expire  " + backups.get(0), "no rule wants it")
                .contains("keep    " + backups.get(2), "it is one of the last 2 backups");
        String hash = plan.out().replaceAll("(?s).*plan {4}([0-9a-f]{64}).*", "$1");
        assertThat(left()).isEqualTo(backups);

        Muster.Said other = expire("--keep-last", "1", "--plan", hash);
        assertThat(other.err()).startsWith("EXPIRY_PLAN_CHANGED");
        assertThat(other.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(left()).isEqualTo(backups);

        JsonNode done =
                expire("--keep-last", "2", "--plan", hash, "-o", "json").ok().json();
        assertThat(done.path("applied").asBoolean()).isTrue();
        assertThat(done.path("complete").asBoolean()).isTrue();
        assertThat(done.path("result").path("expired").path(0).asText()).isEqualTo(backups.get(0));
        assertThat(left()).isEqualTo(backups.subList(1, 3));
    }

    @Test
    @DisplayName("Without a terminal and without a word nothing is deleted, not even read; on one it asks")
    void itAsksBeforeItDeletes() {
        Muster.Said refused = expire("--keep-last", "1");
        assertThat(refused.err()).startsWith("CONFIRMATION_NEEDED");
        assertThat(refused.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(refused.out()).isEmpty();

        Muster.Said no = answering("n\n", "--keep-last", "1");
        assertThat(no.err()).contains("Delete 2 backups of orders");
        assertThat(no.exit()).isEqualTo(ExitCode.NOT_APPROVED);
        assertThat(answering("", "--keep-last", "1").exit()).isEqualTo(ExitCode.NOT_APPROVED);
        assertThat(left()).isEqualTo(backups);

        assertThat(answering("y\n", "--keep-last", "1").ok().out()).contains("Expired 2 backups of orders");
        assertThat(left()).isEqualTo(backups.subList(2, 3));
    }

    private Muster.Said answering(String answer, String... more) {
        InputStream before = System.in;
        System.setProperty("muster.terminal.input", "true");
        System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
        try {
            return expire(more);
        } finally {
            System.setIn(before);
            System.clearProperty("muster.terminal.input");
        }
    }

    @Test
    void aMarkIsStrongerThanRulesUntilItIsTakenAway() {
        String kept = backups.get(0);
        muster.run("repo", "keep", kept, "--source", "orders", "--why", "audit of 2026", "--until", "365d")
                .ok();
        JsonNode shown = muster.run("repo", "show", "--source", "orders", "--backup", kept, "-o", "json")
                .ok()
                .json();
        assertThat(shown.path("marks").path(0).path("why").asText()).isEqualTo("audit of 2026");
        assertThat(expire("--keep-last", "1", "--yes").ok().out()).contains("audit of 2026");
        assertThat(left()).containsExactly(kept, backups.get(2));

        Muster.Said named = expire("--backup", kept, "--yes");
        assertThat(named.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(named.err()).startsWith("BACKUP_KEPT").contains("audit of 2026", "repo unkeep " + kept);
        assertThat(left()).containsExactly(kept, backups.get(2));

        muster.run("repo", "unkeep", kept, "--source", "orders").ok();
        assertThat(muster.run("repo", "unkeep", kept, "--source", "orders").err())
                .startsWith("MARK_UNKNOWN");
        expire("--keep-last", "1", "--yes").ok();
        assertThat(left()).containsExactly(backups.get(2));
    }

    @Test
    void aNamedBackupGoesAndWithoutARuleAllOthersStay() {
        expire("--backup", backups.get(1), "--yes").ok();
        assertThat(left()).containsExactly(backups.get(0), backups.get(2));
        assertThat(expire("--backup", backups.get(0), "--backup", backups.get(2), "--yes")
                        .err())
                .startsWith("EXPIRY_OF_EVERYTHING");
        assertThat(left()).hasSize(2);
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingIsTouched() {
        for (List<String> wrong : List.of(
                List.of("--yes"),
                List.of("--keep-within", "soon", "--yes"),
                List.of("--daily", "3", "--zone", "Berlin", "--yes"),
                List.of("--daily", "3", "--window", "0d", "--yes"),
                List.of("--keep-last", "1", "--at-most", "0", "--yes"))) {
            Muster.Said said = expire(wrong.toArray(String[]::new));
            assertThat(said.err())
                    .as(wrong.toString())
                    .startsWith("OPTIONS_REFUSED")
                    .contains(" Hint: ");
            assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        }
        assertThat(expire("--keep-last", "-1", "--yes").err()).startsWith("RETENTION_INVALID");
        assertThat(expire("--keep-last", "1", "--at-most", "1", "--yes").err()).startsWith("EXPIRY_TOO_LARGE");
        assertThat(muster.run("repo", "expire", "--source", "order", "--keep-last", "1", "--yes")
                        .err())
                .startsWith("BACKUP_UNKNOWN");
        assertThat(left()).isEqualTo(backups);
    }
}
