package dev.muster.cli.systems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Errors;
import dev.muster.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code systems check}, and what {@code systems show} says of members. */
class SystemsCheckTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "systems.md");

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path folder;

    /** An example of the reference page. */
    private static String example(int number) {
        try {
            return Files.readString(PAGE).split("```yaml\n")[number].split("```")[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int check(String yaml, String... options) throws IOException {
        String file = Files.writeString(folder.resolve("orders.yaml"), yaml).toString();
        String[] arguments = new String[options.length + 2];
        arguments[0] = "check";
        arguments[1] = file;
        System.arraycopy(options, 0, arguments, 2, options.length);
        return Errors.configure(new CommandLine(new SystemsCommand()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
    }

    @Test
    void hostsThatAreKnownAreNoWarning() throws IOException {
        assertThat(check(example(1))).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString().lines()).containsExactly("system   orders  ok");
    }

    @Test
    void aHostThatNobodyKnowsIsToldWithItsPlaceAndRefusesNothing() throws IOException {
        assertThat(check(example(2).replace("db1.berlin.example.net", "db1.invalid")))
                .isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString())
                .contains("orders.yaml:22:")
                .contains("spec.databases[0].members[0].address.host")
                .contains("'db1.invalid'")
                .contains("[HOST_")
                .contains("system   orders  ok, warnings: ");
    }

    @Test
    void withoutLookupOnlyTheDescriptionIsJudged() throws IOException {
        assertThat(check(example(2), "--no-lookup")).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString().lines()).containsExactly("system   orders  ok");
    }

    @Test
    void aProblemIsToldAndRefuses() throws IOException {
        assertThat(check(example(2).replace("upstream: db2", "upstream: db3"), "--no-lookup"))
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(errors.toString()).contains("REPLICATION_CYCLE").contains("orders.yaml:");
    }

    @Test
    void membersAreShownAsCommentsSoThatTheTextCanBePutAgain() {
        List<String> lines = MemberLines.of(example(2));
        assertThat(lines)
                .containsExactly(
                        "# database main: 3 members, asynchronous; fence: host, command, lease, statement",
                        "#   db1  at berlin, host db1, db1.berlin.example.net:5432, priority 100",
                        "#   db2  at paris, host db2, db2.paris.example.net:5432, priority 10",
                        "#   db3  at paris, host db3, db3.paris.example.net:5432, never promoted, streams from db2");
        assertThat(MemberLines.of(example(1)))
                .containsExactly(
                        "# database main: one member; fence: host, statement",
                        "#   db1  at berlin, host db1, 127.0.0.1:5432");
        assertThat(MemberLines.of("kind: Sytem\n"))
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("# This version cannot read it: "));
    }
}
