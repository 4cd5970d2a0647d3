package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that are wrong, each beside the exact lines that an operator reads about it. What was met is written to
 * target/errors, to be looked at and copied when a message changes on purpose.
 */
class ErrorFilesTest {
    private static final Path MET = Path.of("target", "errors");

    static Stream<Path> files() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(ErrorFilesTest.class.getResource("errors"));
        try (Stream<Path> entries = Files.list(Path.of(folder.toURI()))) {
            return entries.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyProblemIsToldWithItsPlaceAndNoSecretIsRepeated(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        String lines = problems(new SourceText(name, Files.readString(file)));
        String expectedName = name.replace(".yaml", ".expected");
        Files.createDirectories(MET);
        Files.writeString(MET.resolve(expectedName), lines);
        assertThat(lines).doesNotContain("hunter2").doesNotContain("s3cret").doesNotContain("12345");
        assertThat(lines).isEqualTo(Files.readString(file.resolveSibling(expectedName)));
    }

    private static String problems(SourceText source) {
        try {
            RunbookFiles.read(List.of(source));
            return "no problem\n";
        } catch (RunbookException e) {
            return e.problems().stream().map(Problem::toString).collect(Collectors.joining("\n", "", "\n"));
        }
    }
}
