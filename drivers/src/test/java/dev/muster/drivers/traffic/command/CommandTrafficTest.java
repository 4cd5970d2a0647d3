package dev.muster.drivers.traffic.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Drain;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real programs. */
class CommandTrafficTest {
    private static final Patience PATIENCE = new Patience(Clock.systemUTC(), Duration.ofMillis(20));

    @TempDir
    Path folder;

    @Test
    @DisplayName("A program moves traffic, says where it goes, and a repeat runs nothing that changes")
    void moves() throws IOException {
        Files.writeString(folder.resolve("to"), "east");
        CommandTraffic traffic = reporting("""
                [ "$1 $2" = "fixed words" ] || exit 9
                case $MUSTER_TRAFFIC_ACTION in
                observe)
                  echo "{\\"shares\\": {\\"$(cat %1$s/to)\\": 100}}" ;;
                apply)
                  env | grep ^MUSTER_ | sort > %1$s/environment
                  echo -n "$MUSTER_TRAFFIC_TO" > %1$s/to
                  echo moved ;;
                esac
                """.formatted(folder));
        Desired desired = Desired.of(Shares.only("west"), "run/step")
                .from(traffic.observe().before().orElseThrow())
                .drained(new Drain(Duration.ofSeconds(20), true));
        assertThat(traffic.check(desired).possible()).isTrue();
        Outcome outcome = traffic.apply(desired, Progress.UNWATCHED);
        assertThat(outcome.effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(outcome.results().get(0).detail()).isEqualTo("moved");
        assertThat(Files.readString(folder.resolve("environment"))).isEqualTo("""
                MUSTER_TRAFFIC_ACTION=apply
                MUSTER_TRAFFIC_BEFORE=east=100,west=0
                MUSTER_TRAFFIC_CLOSE_REST=true
                MUSTER_TRAFFIC_DRAIN_SECONDS=20
                MUSTER_TRAFFIC_ENDPOINT=app
                MUSTER_TRAFFIC_SHARES=east=0,west=100
                MUSTER_TRAFFIC_TO=west
                MUSTER_TRAFFIC_TOKEN=run/step
                """);
        assertThat(traffic.verify(desired, soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.PROVEN);
        Files.delete(folder.resolve("environment"));
        assertThat(traffic.apply(desired, Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
        assertThat(folder.resolve("environment")).doesNotExist();
    }

    @Test
    @DisplayName("Exit codes: 0 done, 3 already so, 4 unknown, killed unknown, others changed nothing")
    void codes() throws IOException {
        assertThat(silent("exit 0").apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(silent("exit 3").apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.ALREADY);
        assertThat(silent("exit 4").apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.UNKNOWN);
        assertThat(silent("kill -9 $$").apply(west(), Progress.UNWATCHED).effect())
                .isEqualTo(Outcome.Effect.UNKNOWN);
        CommandTraffic failing = silent("echo no such pool >&2; exit 1");
        assertThatThrownBy(() -> failing.apply(west(), Progress.UNWATCHED))
                .isInstanceOfSatisfying(TrafficException.class, e -> {
                    assertThat(e.code()).isEqualTo("TRAFFIC_COMMAND_FAILED");
                    assertThat(e).hasMessageContaining("no such pool");
                });
    }

    @Test
    @DisplayName("At its bound the program is killed with all that it started, and the outcome is unknown")
    void bound() throws IOException {
        CommandTraffic slow = command(
                "sleep 600 & echo $! > " + folder + "/child; trap '' TERM; sleep 600; sleep 600",
                Duration.ofMillis(500),
                false);
        assertThat(slow.apply(west(), Progress.UNWATCHED).effect()).isEqualTo(Outcome.Effect.UNKNOWN);
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    @DisplayName(
            "Output without end is read and forgotten but for its end; what stays in the background is not waited for")
    void output() throws IOException {
        Outcome much =
                silent("head -c 5000000 /dev/zero | tr '\\0' x; echo the end").apply(west(), Progress.UNWATCHED);
        assertThat(much.effect()).isEqualTo(Outcome.Effect.CHANGED);
        assertThat(much.results().get(0).detail()).endsWith("the end").hasSizeLessThan(17_000);
        Instant start = Instant.now();
        silent("sleep 20 & exit 0").apply(west(), Progress.UNWATCHED);
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    @DisplayName("Only programs of the worker's list run, and none that others could have replaced")
    void allowed() throws IOException {
        Path program = script("touch " + folder + "/ran");
        CommandTraffic unlisted = new CommandTraffic(
                new CommandSettings(
                        "app",
                        List.of("east", "west"),
                        program,
                        List.of(),
                        Set.of(),
                        Duration.ofSeconds(5),
                        false,
                        true),
                PATIENCE);
        refused(unlisted);
        CommandTraffic traffic = silent("touch " + folder + "/ran");
        Path listed = folder.resolve("program");
        Files.setPosixFilePermissions(listed, PosixFilePermissions.fromString("rwxrwxr-x"));
        refused(traffic);
        Files.setPosixFilePermissions(listed, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        refused(traffic);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        Files.delete(listed);
        refused(traffic);
        assertThat(traffic.check(west()).refusals()).extracting(Fault::code).containsExactly("TRAFFIC_COMMAND_REFUSED");
        assertThat(folder.resolve("ran")).doesNotExist();
        assertThatThrownBy(() -> new CommandSettings(
                        "app",
                        List.of("east"),
                        Path.of("/usr/bin/../bin/true"),
                        List.of(),
                        Set.of(),
                        Duration.ofSeconds(5),
                        false,
                        true))
                .isInstanceOf(TrafficException.class);
    }

    @Test
    @DisplayName("The worker's own environment does not reach the program")
    void environment() throws IOException {
        Outcome outcome = silent("env").apply(west(), Progress.UNWATCHED);
        assertThat(outcome.results().get(0).detail().lines().map(line -> line.substring(0, line.indexOf('='))))
                .allMatch(name -> name.startsWith("MUSTER_TRAFFIC_")
                        || Set.of("PATH", "LANG", "PWD", "SHLVL", "_", "OLDPWD").contains(name));
    }

    @Test
    @DisplayName("A program that cannot report is used only if that was accepted, and proves nothing")
    void unverified() throws IOException {
        Path program = script("exit 0");
        CommandTraffic strict = new CommandTraffic(
                new CommandSettings(
                        "app",
                        List.of("east", "west"),
                        program,
                        List.of(),
                        Set.of(program),
                        Duration.ofSeconds(5),
                        false,
                        false),
                PATIENCE);
        assertThatThrownBy(() -> strict.apply(west(), Progress.UNWATCHED))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_NOT_VERIFIABLE"));
        assertThat(strict.check(west()).possible()).isFalse();
        assertThat(silent("exit 0").verify(west(), soon(), Progress.UNWATCHED).standing())
                .isEqualTo(Verification.Standing.CANNOT);
    }

    private static void refused(CommandTraffic traffic) {
        assertThatThrownBy(() -> traffic.apply(west(), Progress.UNWATCHED))
                .isInstanceOfSatisfying(
                        TrafficException.class, e -> assertThat(e.code()).isEqualTo("TRAFFIC_COMMAND_REFUSED"));
    }

    private static Desired west() {
        return Desired.of(Shares.only("west"), "t");
    }

    private static Instant soon() {
        return Instant.now().plusSeconds(20);
    }

    private Path script(String text) throws IOException {
        Path program = folder.resolve("program");
        Files.deleteIfExists(program);
        Files.writeString(program, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    private CommandTraffic reporting(String text) throws IOException {
        return command(text, Duration.ofSeconds(20), true);
    }

    private CommandTraffic silent(String text) throws IOException {
        return command(text, Duration.ofSeconds(20), false);
    }

    private CommandTraffic command(String text, Duration bound, boolean reports) throws IOException {
        Path program = script(text);
        return new CommandTraffic(
                new CommandSettings(
                        "app",
                        List.of("east", "west"),
                        program,
                        List.of("fixed", "words"),
                        Set.of(program),
                        bound,
                        reports,
                        true),
                PATIENCE);
    }
}
