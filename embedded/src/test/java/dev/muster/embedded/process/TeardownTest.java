package dev.muster.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeardownTest {
    @TempDir
    Path folder;

    @Test
    void whatWasStartedLastEndsFirstAndAFailureStopsNothing() {
        List<String> ended = new ArrayList<>();
        Teardown teardown = Teardown.onExit();
        teardown.add("first", () -> ended.add("first"));
        teardown.add("second", () -> {
            throw new IllegalStateException("second refuses (the test wants it)");
        });
        teardown.add("third", () -> ended.add("third"));
        teardown.close();
        teardown.close();
        assertThat(ended).containsExactly("third", "first");
    }

    @Test
    void whatStartsAfterTheEndIsEndedAtOnce() {
        List<String> ended = new ArrayList<>();
        Teardown teardown = Teardown.onExit();
        teardown.close();
        assertThatThrownBy(() -> teardown.add("late", () -> ended.add("late")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ended).containsExactly("late");
    }

    @Test
    void aRunFolderIsItsUsersOwnAndGoesWithTheRunWithoutFollowingLinks() throws Exception {
        Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "stays");
        Installation installation = Installation.at(PostgresBinaries.home());
        RunFolder run = RunFolder.create(folder.resolve("runs"), false, installation, Clock.systemUTC());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run.path())))
                .startsWith("rwx--")
                .endsWith(installation.command("postgres").contains("setpriv") ? "x" : "---");
        Files.createSymbolicLink(run.folder("inner").resolve("link"), elsewhere);
        run.close();
        assertThat(run.path()).doesNotExist();
        assertThat(elsewhere).hasContent("stays");

        RunFolder kept = RunFolder.create(folder.resolve("runs"), true, installation, Clock.systemUTC());
        kept.close();
        assertThat(kept.path()).isDirectory();
    }

    @Test
    void portsThatAreAskedForTogetherDiffer() {
        assertThat(new HashSet<>(LoopbackPorts.free(20))).hasSize(20);
    }
}
