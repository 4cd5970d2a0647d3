package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.temporal.testing.WorkflowReplayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs that are under way survive a new version of the workflows: their histories replay with this code. */
class ReplayTest {
    static Stream<Arguments> recordings() {
        return RecordedRuns.GENERATIONS.stream()
                .flatMap(generation -> Stream.of(RecordedRuns.values()).map(run -> Arguments.of(generation, run)));
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void aRecordedRunReplaysWithTodaysCode(String generation, RecordedRuns run) throws IOException {
        String name = "/histories/" + generation + "/" + run.file();
        try (var in = Objects.requireNonNull(ReplayTest.class.getResourceAsStream(name), "no history " + name)) {
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
        List<String> generations = RecordedRuns.GENERATIONS;
        Path folder = Files.createDirectories(
                Path.of(System.getProperty("muster.histories"), generations.get(generations.size() - 1)));
        Files.writeString(folder.resolve(run.file()), run.record());
    }
}
