package dev.muster.runbooks.steps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.Tier;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.ShippedRunbooks;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.runbooks.yaml.SystemsPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/reference/runbooks.md and schedules.md against the schemas, the catalogue and the shipped files. */
class ReferencePageTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "runbooks.md");

    private final String page = read(PAGE);

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "runbook", "schedule"})
    void everyFieldAndValueOfTheSchemasIsOnThePage(String kind) throws IOException {
        String page = switch (kind) {
            case "schedule" -> read(PAGE.resolveSibling("schedules.md"));
            // Of the head that all documents have, the one page speaks for the other.
            case "system" -> SystemsPage.text() + this.page;
            default -> this.page;
        };
        JsonNode schema = new ObjectMapper()
                .readTree(Objects.requireNonNull(
                        getClass().getResourceAsStream("/dev/muster/runbooks/schema/muster-v1-" + kind + ".json")));
        Set<String> words = new TreeSet<>();
        collect(schema, words);
        assertThat(words).hasSizeGreaterThan(14);
        assertThat(words)
                .allSatisfy(word -> assertThat(page)
                        .containsPattern("(?<![A-Za-z0-9-])" + Pattern.quote(word) + "(?![A-Za-z0-9-])"));
    }

    private static void collect(JsonNode schema, Set<String> words) {
        schema.path("properties").fieldNames().forEachRemaining(words::add);
        schema.path("enum").forEach(value -> words.add(value.asText()));
        schema.forEach(child -> collect(child, words));
    }

    @Test
    void everyStepIsInTheCatalogueWithItsPhase() {
        for (StepType type : StepType.values()) {
            assertThat(page)
                    .contains("| `" + type.id() + "` | " + type.phase().id() + " | "
                            + (type.chosenByRunbook() ? "yes" : "no") + " |");
            type.parameters().forEach(parameter -> assertThat(page).contains("`" + parameter + "`"));
            assertThat(type.idempotency()).isNotBlank();
            assertThat(type.bounds()).isEqualTo(new StepBounds(15 * 60, 10, 24 * 3600, 24 * 3600, 30));
            assertThat(type.place()).isEqualTo(type.id().startsWith("store.") ? Place.SITE : Place.HOST);
        }
        Matcher row = Pattern.compile("(?m)^\\| `((?:postgres|system|store)\\.[a-z-]+)`")
                .matcher(page);
        while (row.find()) {
            assertThat(StepType.of(row.group(1))).as(row.group(1)).isPresent();
        }
    }

    @Test
    void theStepsThatTheSchemaAllowsAreThoseThatRunbooksMayChoose() throws IOException {
        JsonNode schema = new ObjectMapper()
                .readTree(Objects.requireNonNull(
                        getClass().getResourceAsStream("/dev/muster/runbooks/schema/muster-v1-runbook.json")));
        Set<String> allowed = new TreeSet<>();
        schema.at("/$defs/verify/items/properties/step/enum").forEach(value -> allowed.add(value.asText()));
        Set<String> choosable = new TreeSet<>();
        for (StepType type : StepType.values()) {
            if (type.chosenByRunbook()) {
                assertThat(type.phase()).isEqualTo(Phase.VERIFY);
                choosable.add(type.id());
            }
        }
        assertThat(allowed).isEqualTo(choosable);
    }

    @Test
    void tiersScenariosOutcomesAndShippedRunbooksAreOnThePage() {
        for (Tier tier : Tier.values()) {
            assertThat(SystemsPage.text()).contains("`" + tier.id() + "` (");
        }
        for (Scenario scenario : Scenario.values()) {
            assertThat(page).contains("`" + scenario.id() + "`");
        }
        for (Runbook.Outcome outcome : Runbook.Outcome.values()) {
            assertThat(page).contains("`" + outcome.id() + "`");
        }
        for (String name : ShippedRunbooks.names()) {
            assertThat(page).contains("shipped:" + name);
        }
    }

    @Test
    void theExamplesOfTheSystemsPageAreSystemsThatRunsCanBeStartedFor() {
        for (String example : List.of(SystemsPage.oneServer(), SystemsPage.twoSites())) {
            assertThat(RunbookFiles.read(
                                    List.of(new SourceText("page.yaml", example), ShippedRunbooks.source("backup")))
                            .only()
                            .resolved()
                            .system()
                            .name())
                    .isEqualTo("orders");
        }
    }
}
