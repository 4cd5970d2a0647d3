package dev.muster.postgres.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalFenceTest {
    private static final FenceOrder ORDER = new FenceOrder(7, "run-7", "site dark", "ada");

    @TempDir
    Path folder;

    @Test
    @DisplayName("Only exit code 0 of an external fence is proof; a time-out is unknown, never down")
    void onlyZeroIsProof() throws IOException {
        Path program =
                program("echo \"$MUSTER_MEMBER at $MUSTER_EPOCH, home ${HOME:-none}\"; [ \"$1\" = on ] || exit \"$1\"");
        ExternalFence fence = new ExternalFence(Map.of(
                "good", List.of(program.toString(), "on"),
                "bad", List.of(program.toString(), "3")));

        ExternalFence.Result good = fence.fence("good", "db1", ORDER, Duration.ofSeconds(10));
        ExternalFence.Result bad = fence.fence("bad", "db1", ORDER, Duration.ofSeconds(10));

        assertThat(good.outcome()).isEqualTo(ExternalFence.Outcome.PROVED);
        assertThat(good.output()).isEqualTo("db1 at 7, home none");
        assertThat(bad.outcome()).isEqualTo(ExternalFence.Outcome.NOT_FENCED);
        assertThat(bad.exitCode()).isEqualTo(3);
    }

    @Test
    @DisplayName("An external fence that takes too long is unknown, and is killed with what it called")
    void tooLongIsUnknown() throws IOException {
        Path ids = folder.resolve("ids");
        Path program = program("sleep 100 & echo $! > " + ids + "; wait");
        ExternalFence fence = new ExternalFence(Map.of("slow", List.of(program.toString())));

        ExternalFence.Result slow = fence.fence("slow", "db1", ORDER, Duration.ofSeconds(1));

        assertThat(slow.outcome()).isEqualTo(ExternalFence.Outcome.UNKNOWN);
        long called = Long.parseLong(Files.readString(ids).strip());
        Awaitility.await().until(() -> ProcessHandle.of(called).isEmpty());
    }

    @Test
    @DisplayName("A program that is not allowed, or that others can replace, is not run")
    void refusesWhatIsNotAllowed() throws IOException {
        Path program = program("true");
        ExternalFence fence = new ExternalFence(Map.of("cut", List.of(program.toString())));
        assertRefused(fence, "other");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused(fence, "cut");
    }

    private static void assertRefused(ExternalFence fence, String command) {
        assertThatThrownBy(() -> fence.fence(command, "db1", ORDER, Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("FENCE_COMMAND_REFUSED"));
    }

    private Path program(String body) throws IOException {
        Path program = Files.writeString(folder.resolve("cut-off"), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }
}
