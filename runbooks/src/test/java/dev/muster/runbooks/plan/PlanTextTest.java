package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an approver reads. */
class PlanTextTest {
    @ParameterizedTest
    @MethodSource("dev.muster.runbooks.yaml.ShippedRunbooks#names")
    void aPlanReadsLikeThis(String scenario) throws IOException {
        Examples.State state = Examples.state();
        state.expiry = Examples.expiry(Examples.OLDER);
        String text = PlanText.render(StoredPlan.of(Examples.compileShipped(scenario, state.observed())));
        Path met = Files.createDirectories(Path.of("target", "plans")).resolve(scenario + ".txt");
        Files.writeString(met, text);
        assertThat(text)
                .isEqualTo(Examples.resource("plan/" + scenario + ".txt").text());
    }

    @Test
    void noLineIsWiderThanAHundredColumnsAndNothingIsLost() {
        Examples.State state = Examples.state();
        String directory = "/srv/" + "deep/".repeat(60) + "copy";
        state.space = new DatabaseObservation.CopySpace(directory, 50_000_000_000L, "");
        state.destructive = List.of(new DestructiveTransaction(
                771,
                1,
                Examples.DELETE.commitStart(),
                Examples.DELETE.commitEnd(),
                Examples.DELETE.commitTime(),
                Collections.nCopies(40, new DestructiveTransaction.Relation("public.a_table_with\na_long_name", 1))));
        StoredPlan plan = StoredPlan.of(Examples.compileShipped("point-in-time-recovery", state.observed()));
        String text = PlanText.render(plan);
        assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(PlanText.WIDTH));
        assertThat(text.replaceAll("\\s+", "")).contains(directory);
        assertThat(text.stripTrailing()).endsWith(plan.hash());
    }
}
