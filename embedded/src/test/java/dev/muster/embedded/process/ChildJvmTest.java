package dev.muster.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildJvmTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void aChildIsReadyWhenItsFileIsThereAndGoneWhenItIsKilled() {
        Path ready = folder.resolve("ready");
        ChildJvm child = ChildJvm.of("greeter", Children.Stays.class.getName())
                .arguments(ready.toString())
                .options("-Xmx32m")
                .environment("MUSTER_TEST_GREETING", "world")
                .start(folder.resolve("child.log"));
        try {
            child.awaitReadyFile(ready, LIMIT);
            child.awaitLine(Pattern.compile("^hello world$", Pattern.MULTILINE), LIMIT);
            assertThat(child.isAlive()).isTrue();
            assertThat(ProcessHandle.of(child.processId())).isPresent();
        } finally {
            child.kill();
        }
        assertThat(child.isAlive()).isFalse();
        // 128 + SIGKILL: it had no chance to do anything.
        assertThat(child.awaitExit(Duration.ZERO)).isEqualTo(137);
    }

    @Test
    void aChildThatIsAskedToEndRunsItsShutdownHooksAndAKilledOneDoesNot() {
        for (boolean kill : new boolean[] {true, false}) {
            Path ready = folder.resolve("ready-" + kill);
            ChildJvm child = ChildJvm.of("greeter", Children.Stays.class.getName())
                    .arguments(ready.toString())
                    .start(folder.resolve("child-" + kill + ".log"));
            child.awaitReadyFile(ready, LIMIT);
            if (kill) {
                child.kill();
            } else {
                child.close();
            }
            assertThat(child.endOfLog().contains("good bye")).isEqualTo(!kill);
        }
    }

    @Test
    void aChildThatEndsBeforeItIsReadyIsNamedWithTheEndOfItsLog() {
        ChildJvm child =
                ChildJvm.of("host worker", Children.Fails.class.getName()).start(folder.resolve("child.log"));
        assertThatThrownBy(() -> child.awaitReadyFile(folder.resolve("never"), LIMIT))
                .isInstanceOf(EmbeddedException.class)
                .hasMessageContaining("host worker ended with exit code 1")
                .hasMessageContaining("no such host")
                .extracting(e -> ((EmbeddedException) e).code())
                .isEqualTo("CHILD_ENDED");
    }

    @Test
    void aChildThatIsNotReadyInTimeIsNamed() {
        try (ChildJvm child = ChildJvm.of("host worker", Children.Stays.class.getName())
                .arguments(folder.resolve("other").toString())
                .start(folder.resolve("child.log"))) {
            assertThatThrownBy(() -> child.awaitReadyFile(folder.resolve("never"), Duration.ofMillis(50)))
                    .isInstanceOf(EmbeddedException.class)
                    .extracting(e -> ((EmbeddedException) e).code())
                    .isEqualTo("CHILD_NOT_READY");
        }
    }

    @Test
    void aChildEndsWhenTheProcessThatStartedItIsKilled() throws Exception {
        ChildJvm parent = ChildJvm.of("parent", Children.HasAChild.class.getName())
                .arguments(folder.toString())
                .start(folder.resolve("parent.log"));
        ProcessHandle grandchild;
        try {
            parent.awaitReadyFile(folder.resolve("grandchild-id"), LIMIT);
            grandchild = ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve("grandchild-id"))))
                    .orElseThrow();
            parent.awaitReadyFile(folder.resolve("grandchild-ready"), LIMIT);
        } finally {
            parent.kill();
        }
        await().atMost(LIMIT).until(() -> !grandchild.isAlive());
    }

    @Test
    void aServerIsStoppedWhenTheProcessThatStartedItIsKilled() {
        ChildJvm parent = ChildJvm.of("parent", Children.HasAServer.class.getName())
                .arguments(folder.toString())
                .start(folder.resolve("parent.log"));
        Server server = new Server(
                Installation.at(PostgresBinaries.home()), folder.resolve("place/data"), folder.resolve("server.log"));
        try {
            parent.awaitReadyFile(folder.resolve("server-ready"), Duration.ofSeconds(60));
            assertThat(server.processId()).isPresent();
        } finally {
            parent.kill();
        }
        await().atMost(LIMIT).until(() -> server.processId().isEmpty());
    }
}
