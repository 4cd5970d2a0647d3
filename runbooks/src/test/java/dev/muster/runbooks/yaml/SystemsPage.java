package dev.muster.runbooks.yaml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The examples of docs/reference/systems.md: what it shows is what is tested. */
public final class SystemsPage {
    private static final Path PAGE = Path.of("..", "docs", "reference", "systems.md");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(.*?)```");

    private SystemsPage() {}

    public static String text() {
        try {
            return Files.readString(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String oneServer() {
        return examples().get(0);
    }

    public static String twoSites() {
        return examples().get(1);
    }

    private static List<String> examples() {
        return EXAMPLE.matcher(text())
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }
}
