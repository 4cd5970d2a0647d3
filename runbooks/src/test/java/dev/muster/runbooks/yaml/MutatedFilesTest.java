package dev.muster.runbooks.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.schedule.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Valid files, changed at random: whatever comes out, it is a runbook or a list of problems. */
class MutatedFilesTest {
    private static final String[] WORDS = {
        "",
        " ",
        "\n",
        "---\n",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "&a ",
        "*a",
        "!!int ",
        "!x ",
        "? ",
        "| ",
        "> ",
        "null",
        "~",
        "true",
        "-1",
        "0",
        "1e999",
        ".inf",
        ".nan",
        "99999999999999999999",
        "0x10",
        "\t",
        "#",
        "%",
        "@",
        "`",
        "\u0000",
        "\u0085",
        "\ufeff",
        "\ud800",
        "😂",
        "<<: ",
        "name: ",
        "spec: ",
        "2026-02-30T00:00:00Z",
        "a/../b",
        "+999999999-01-01T00:00:00Z",
        "9999d9999h",
        "x".repeat(70),
        "orders",
        "database: main",
        "members: ",
        "upstream: db3",
        "method: lease",
        "http://[",
        "[::1]:53",
        "kind: Runbook"
    };

    @Test
    void noMutationOfAValidFileGivesAnythingButARunbookOrProblems() {
        String valid = RunbookFilesTest.orders();
        int refused = 0;
        for (int seed = 0; seed < 4000; seed++) {
            Random random = new Random(seed);
            String text = valid;
            for (int i = random.nextInt(3); i >= 0; i--) {
                text = mutate(text, random);
            }
            try {
                RunbookFiles.read(List.of(new SourceText("mutated.yaml", text)));
            } catch (RunbookException e) {
                refused++;
                assertThat(e.problems()).as("seed %s", seed).isNotEmpty().allSatisfy(MutatedFilesTest::isWhole);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + " gave an exception for:\n" + text, e);
            }
        }
        // Fewer would mean that the mutations test nothing.
        assertThat(refused).isGreaterThan(1000);
    }

    @Test
    void noMutationOfASystemOfTwoSitesGivesAnythingButASystemOrProblems() {
        String valid = SystemsPage.twoSites();
        int refused = 0;
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            String text = valid;
            for (int i = random.nextInt(3); i >= 0; i--) {
                text = mutate(text, random);
            }
            try {
                RunbookFiles.read(List.of(new SourceText("mutated.yaml", text)))
                        .systems()
                        .forEach(loaded -> assertThat(loaded.warnings()).allSatisfy(MutatedFilesTest::isWhole));
            } catch (RunbookException e) {
                refused++;
                assertThat(e.problems()).as("seed %s", seed).isNotEmpty().allSatisfy(MutatedFilesTest::isWhole);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + " gave an exception for:\n" + text, e);
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    @Test
    void noMutationOfAValidScheduleGivesAnythingButASimulationOrProblems() {
        String valid = RunbookFilesTest.orders().split("---", -1)[0] + """
                ---
                apiVersion: muster/v1
                kind: Schedule
                metadata: {name: nightly}
                spec:
                  system: orders
                  runbook: shipped:backup
                  cron:
                    - "*/30 2-4 * jan-mar 1-5"
                    - 0 4 29 2 *
                  timeZone: Europe/Berlin
                  jitter: 5m
                  overlap: buffer-one
                  catchUp: 6h
                  paused: {note: until the disk is in}
                """;
        Instant from = Instant.parse("2027-03-01T00:00:00Z");
        int refused = 0;
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            String text = valid;
            for (int i = random.nextInt(3); i >= 0; i--) {
                text = mutate(text, random);
            }
            try {
                ScheduleFiles.read(List.of(new SourceText("mutated.yaml", text)))
                        .forEach(loaded -> Simulation.of(
                                List.of(new Simulation.Expected(loaded.schedule(), Optional.of(Duration.ofHours(1)))),
                                from,
                                from.plus(Duration.ofDays(40))));
            } catch (RunbookException e) {
                refused++;
                assertThat(e.problems())
                        .as("seed %s", seed)
                        .isNotEmpty()
                        .filteredOn(problem -> !problem.code().equals("NO_SCHEDULE"))
                        .allSatisfy(MutatedFilesTest::isWhole);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("seed " + seed + " gave an exception for:\n" + text, e);
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    private static void isWhole(Problem problem) {
        assertThat(problem.code()).matches("[A-Z_]{3,}");
        assertThat(problem.message()).isNotBlank();
        assertThat(problem.hint()).isNotBlank();
        assertThat(problem.position()).isPresent();
        assertThat(problem.toString()).doesNotContain("\n");
    }

    private static String mutate(String text, Random random) {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        int line = random.nextInt(lines.size());
        int at = random.nextInt(text.length() + 1);
        String word = WORDS[random.nextInt(WORDS.length)];
        switch (random.nextInt(6)) {
            case 0 -> lines.remove(line);
            case 1 -> lines.add(line, lines.get(random.nextInt(lines.size())));
            case 2 ->
                lines.set(line, " ".repeat(random.nextInt(5)) + lines.get(line).strip());
            case 3 -> {
                String changed = lines.get(line);
                int colon = changed.indexOf(": ");
                lines.set(line, (colon < 0 ? changed : changed.substring(0, colon + 2)) + word);
            }
            case 4 -> {
                return text.substring(0, at) + word + text.substring(Math.min(text.length(), at + random.nextInt(4)));
            }
            default -> {
                return text.substring(0, at) + word + text.substring(at);
            }
        }
        return String.join("\n", lines);
    }
}
