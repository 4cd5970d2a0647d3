package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorPageTest {
    /** A literal in the form of a code, as an argument or at the beginning of a message. */
    private static final Pattern CODE = Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:\",|: )");

    private static final Pattern ON_PAGE = Pattern.compile("\\| `([A-Z][A-Z0-9_]*)` \\|");

    /** Names of environment variables. */
    private static final Set<String> NO_CODES =
            Set.of("NO_COLOR", "TEMPORAL_ADDRESS", "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE");

    @Test
    void everyErrorCodeInTheCodeIsExplainedOnTheErrorPage() throws IOException {
        Set<String> explained = new TreeSet<>();
        Matcher page = ON_PAGE.matcher(Files.readString(Path.of("..", "docs", "reference", "errors.md")));
        while (page.find()) {
            assertThat(explained.add(page.group(1)))
                    .as("%s stands once", page.group(1))
                    .isTrue();
        }
        Set<String> used = new TreeSet<>();
        for (Path source : mainSources()) {
            Matcher code = CODE.matcher(Files.readString(source));
            while (code.find()) {
                used.add(code.group(1));
            }
        }
        used.removeAll(NO_CODES);
        used.removeIf(name -> name.startsWith("MUSTER_"));
        assertThat(used).hasSizeGreaterThan(100);
        assertThat(explained).containsAll(used);
    }

    private static List<Path> mainSources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/"))
                    .toList();
        }
    }
}
