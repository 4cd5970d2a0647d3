package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.temporal.testing.WorkflowReplayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that are under way survive a new version of the workflows: their histories replay with this code. */
class ReplayTest {
    @ParameterizedTest
    @EnumSource
    void aRecordedRunReplaysWithTodaysCode(RecordedRuns run) throws IOException {
        try (var in = Objects.requireNonNull(
                ReplayTest.class.getResourceAsStream("/histories/" + run.file()), "no history " + run.file())) {
            String history = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(history).contains("EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED");
            assertThatCode(() -> WorkflowReplayer.replayWorkflowExecution(history, run.workflow()))
                    .doesNotThrowAnyException();
        }
    }

    /** Writes the histories anew; when, says the README beside them. */
    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "muster.histories", matches = ".+")
    void recordHistories(RecordedRuns run) throws IOException {
        Path folder = Path.of(System.getProperty("muster.histories"));
        Files.writeString(folder.resolve(run.file()), run.record());
    }
}
