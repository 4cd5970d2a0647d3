package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SafetyPageTest {
    private static final Path PAGE = Path.of("..", "docs", "safety.md");
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z]\\w+(?:Test|Contract))(?:\\.(\\w+))?`( \\(thorough\\))?");
    private static final Pattern PARENT = Pattern.compile("class \\w+ extends (\\w+)");

    /** Sources of tests by the name of their class; two of one name in two modules are both there. */
    private final Map<String, List<String>> sources = new TreeMap<>();

    @BeforeAll
    void readTests() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> path.toString().contains("/src/test/"))
                    .toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                sources.computeIfAbsent(name, any -> new ArrayList<>()).add(Files.readString(file));
            }
        }
    }

    @Test
    @DisplayName("Each test that the page on safety names exists and runs where the page says")
    void namesExist() throws IOException {
        List<String> wrong = new ArrayList<>();
        int named = 0;
        Matcher test = NAMED.matcher(Files.readString(PAGE));
        while (test.find()) {
            named++;
            boolean thorough = test.group(3) != null;
            String method = test.group(2);
            boolean right = sources.getOrDefault(test.group(1), List.of()).stream()
                    .anyMatch(source -> method == null
                            ? isThorough(source) == thorough
                            : isTest(source, method)
                                    && (isThorough(source)
                                                    || annotations(source, method)
                                                            .contains("@Thorough"))
                                            == thorough);
            if (!right) {
                wrong.add(test.group());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(named).isGreaterThan(150);
    }

    @Test
    @DisplayName("Each rule on the page on safety has a test")
    void eachRuleHasATest() throws IOException {
        List<String> rules = Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| \\d+[a-z] \\|.*"))
                .toList();
        assertThat(rules).hasSizeGreaterThan(60).allSatisfy(rule -> {
            assertThat(rule.split("\\|", -1)).as("cells").hasSize(6);
            assertThat(NAMED.matcher(rule).find() || rule.contains("on 14 to 17 above"))
                    .isTrue();
        });
    }

    private static boolean isTest(String source, String method) {
        String annotations = annotations(source, method);
        return annotations.contains("@Test") || annotations.contains("@ParameterizedTest");
    }

    /** What stands between the end of what is before the method and the method's name. */
    private static String annotations(String source, String method) {
        Matcher head = Pattern.compile("\\bvoid " + method + "\\(").matcher(source);
        if (!head.find()) {
            return "";
        }
        String before = source.substring(0, head.start());
        int end = Math.max(before.lastIndexOf("\n    }\n"), before.lastIndexOf(";\n\n"));
        return before.substring(Math.max(end, 0));
    }

    /** A contract is what all of the classes are that keep it. */
    private boolean isThorough(String source) {
        int head = source.indexOf("class ");
        if (source.substring(0, head).contains("\n@Thorough")) {
            return true;
        }
        if (!source.substring(0, head).contains("abstract ")) {
            return false;
        }
        String name = source.substring(head + "class ".length()).split("[ <]", 2)[0];
        List<String> keepers = sources.values().stream()
                .flatMap(List::stream)
                .filter(other -> {
                    Matcher parent = PARENT.matcher(other);
                    return parent.find() && Objects.equals(parent.group(1), name);
                })
                .toList();
        assertThat(keepers).as("classes that keep " + name).isNotEmpty();
        return keepers.stream().allMatch(this::isThorough);
    }
}
