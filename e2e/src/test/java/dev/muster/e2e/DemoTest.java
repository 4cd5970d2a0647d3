package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.Main;
import dev.muster.embedded.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code muster demo} as somebody starts it who does not say yes in its own terminal. */
class DemoTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** What the demo prints for another terminal. */
    private static final Pattern ELSEWHERE = Pattern.compile("In another terminal: \\. (\\S+) && \\./muster (.+)");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void anApprovalInAnotherTerminalCountsAsOneInItsOwn() throws Exception {
        Path said = folder.resolve("demo");
        Process demo = start(said, List.of("demo", "--megabytes", "20", "--directory", folder.toString()));
        try {
            Awaitility.await("the demo says how to approve").atMost(LIMIT).until(() -> {
                assertThat(demo.isAlive() || ELSEWHERE.matcher(read(said)).find())
                        .as(read(said))
                        .isTrue();
                return ELSEWHERE.matcher(read(said)).find();
            });
            Matcher advice = ELSEWHERE.matcher(read(said));
            assertThat(advice.find()).isTrue();
            List<String> approve = new ArrayList<>(Arrays.asList(advice.group(2).split(" ")));
            approve.add("--yes");
            Path answer = folder.resolve("approve");
            Process approval = start(answer, approve, Path.of(advice.group(1)));
            assertThat(approval.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(approval.exitValue()).as(read(answer)).isZero();

            assertThat(demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).as(read(said)).isZero();
            assertThat(read(said)).contains("deleted rows are back").doesNotContain("EXPECTATION FAILED");
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left.filter(Files::isDirectory))
                        .as("what the demo leaves")
                        .containsExactly(folder.resolve("report"));
            }
        } finally {
            demo.destroy();
            demo.waitFor();
        }
    }

    private Process start(Path said, List<String> arguments) throws IOException {
        List<String> withReport = new ArrayList<>(arguments);
        withReport.addAll(List.of("--report", folder.resolve("report").toString()));
        return shell(said, quoted(withReport));
    }

    /** In a shell that has read the file first. */
    private Process start(Path said, List<String> arguments, Path environment) throws IOException {
        return shell(said, ". '" + environment + "' && " + quoted(arguments));
    }

    private static Process shell(Path said, String script) throws IOException {
        return new ProcessBuilder("bash", "-c", script)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(said.toFile())
                .start();
    }

    private static String quoted(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("exec"));
        ChildJvm.of("demo", Main.class.getName())
                .options("-Xmx512m")
                .arguments(arguments.toArray(String[]::new))
                .commandLine()
                .forEach(word -> command.add("'" + word + "'"));
        return String.join(" ", command);
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }
}
