package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.Main;
import dev.muster.embedded.process.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code muster dev} as somebody starts it, its input held open, what it prints in a file. */
final class DevProcess implements AutoCloseable {
    private static final Duration UP = Duration.ofMinutes(5);
    private static final Duration DOWN = Duration.ofMinutes(1);
    private static final Duration ADVICE = Duration.ofMinutes(5);

    private final Path work;
    private final Path runs;
    private final Path out;
    private final Process process;
    private int scripts;

    /** @param work a folder of this process alone */
    DevProcess(Path work, String... arguments) throws IOException {
        this.work = work;
        this.runs = Files.createDirectories(work.resolve("runs"));
        this.out = work.resolve("out");
        // As on a terminal: a group of its own, which Ctrl-C reaches as a whole, and nobody has ignored Ctrl-C before.
        List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
        command.addAll(ChildJvm.of("dev", Main.class.getName())
                .options("-Xmx256m")
                .arguments("dev", "--size", "10", "--directory", runs.toString())
                .arguments(arguments)
                .commandLine());
        process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(work.resolve("errors").toFile())
                .start();
        // Where the advice finds the launcher: it starts what this test runs on.
        Files.writeString(
                Files.createFile(
                        work.resolve("muster"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                "#!/bin/sh\nexec "
                        + quoted(ChildJvm.of("verb", Main.class.getName()).commandLine()) + " \"$@\"\n");
    }

    private static String quoted(List<String> command) {
        return String.join(" ", command.stream().map(word -> "'" + word + "'").toList());
    }

    String printed() throws IOException {
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    void awaitLine(String part) {
        Awaitility.await("dev prints " + part).atMost(UP).until(() -> {
            assertThat(process.isAlive() || printed().contains(part))
                    .as("dev ended: %s%s", printed(), Files.readString(work.resolve("errors")))
                    .isTrue();
            return printed().contains(part);
        });
    }

    void awaitUp() {
        awaitLine("leaves nothing.");
    }

    /** What a line of the start's overview says. */
    String shown(Pattern line) throws IOException {
        Matcher found = line.matcher(printed());
        assertThat(found.find()).as("%s in %s", line, printed()).isTrue();
        return found.group(1);
    }

    void type(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The lines to copy. */
    static List<String> copied(String advice) {
        return advice.lines()
                .filter(line -> line.startsWith("    "))
                .map(String::strip)
                .toList();
    }

    /** Pastes the lines into a shell in the launcher's folder. Returns what they print; each must succeed. */
    String follow(List<String> lines) throws Exception {
        Path said = work.resolve("advice-" + ++scripts);
        Process shell = new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", String.join("\n", lines))
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(shell.waitFor(ADVICE.toSeconds(), TimeUnit.SECONDS))
                    .as(Files.readString(said))
                    .isTrue();
        } finally {
            shell.destroyForcibly();
        }
        String text = Files.readString(said, StandardCharsets.UTF_8);
        assertThat(shell.exitValue()).as(text).isZero();
        return text;
    }

    Path folder() throws IOException {
        try (Stream<Path> all = Files.list(runs)) {
            List<Path> found = all.toList();
            assertThat(found).hasSize(1);
            return found.get(0);
        }
    }

    /** All processes that it started, the database servers too, which are daemons. */
    List<ProcessHandle> processes() throws IOException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        try (Stream<Path> files = Files.walk(folder())) {
            for (Path file :
                    files.filter(each -> each.endsWith("postmaster.pid")).toList()) {
                ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0)))
                        .ifPresent(all::add);
            }
        }
        return all;
    }

    /** Ctrl-C: for it and all that it has started. */
    void interrupt() throws Exception {
        assertThat(new ProcessBuilder("kill", "-INT", "--", "-" + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Ctrl-D. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(DOWN.toSeconds(), TimeUnit.SECONDS))
                .as("dev ends")
                .isTrue();
        return process.exitValue();
    }

    void expectNothingLeft(List<ProcessHandle> were) throws IOException {
        Awaitility.await("no process is left")
                .atMost(Duration.ofSeconds(10))
                .until(() -> were.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(runs).isEmptyDirectory();
    }

    @Override
    public void close() throws Exception {
        if (process.isAlive()) {
            process.toHandle().destroy();
            if (!process.waitFor(DOWN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
