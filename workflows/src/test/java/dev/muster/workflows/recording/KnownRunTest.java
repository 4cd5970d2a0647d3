package dev.muster.workflows.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.workflows.planning.Places;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KnownRunTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static KnownRun nothingKnown() {
        RunRequest.SourceFile file = new RunRequest.SourceFile("a.yaml", "a");
        return new KnownRun(new RecordingStart(
                RecordingStart.SCHEMA,
                new RunRequest(
                        RunRequest.SCHEMA, "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC", "kim", false, file, file, "orders/nightly"),
                "change/orders",
                "e",
                "backup",
                new Places("orders", "main", "db1", "berlin", true),
                NOON));
    }

    private static StepReport step(int position, boolean done) {
        return new StepReport(
                "step-" + position,
                "",
                "",
                done ? StepReport.State.DONE : StepReport.State.RUNNING,
                NOON.plusSeconds(position),
                done ? NOON.plusSeconds(position + 1) : null,
                "");
    }

    @Test
    void changesInWhateverOrderAndTwiceGiveTheSameRun() {
        List<RunChange> changes = new ArrayList<>();
        for (int position = 0; position < 20; position++) {
            List<RunChange.Step> steps = new ArrayList<>();
            if (position > 0) {
                steps.add(new RunChange.Step(position - 1, step(position - 1, true)));
            }
            steps.add(new RunChange.Step(position, step(position, false)));
            changes.add(new RunChange(
                    100 + position,
                    position < 10 ? RunStatus.State.PLANNING : RunStatus.State.EXECUTING,
                    null,
                    position < 5 ? null : "p" + position,
                    null,
                    steps,
                    List.of(),
                    null));
        }
        KnownRun inOrder = nothingKnown();
        changes.forEach(inOrder::learn);
        RecordedRun expected = inOrder.snapshot("h");
        assertThat(expected.steps()).hasSize(20);
        assertThat(expected.schedule()).isEqualTo("orders/nightly");
        assertThat(expected.revision()).isEqualTo(119);
        assertThat(expected.state()).isEqualTo(RunStatus.State.EXECUTING);

        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            List<RunChange> shuffled = new ArrayList<>(changes);
            shuffled.addAll(changes.subList(0, 5));
            Collections.shuffle(shuffled, random);
            KnownRun known = nothingKnown();
            shuffled.forEach(known::learn);
            assertThat(known.snapshot("h")).isEqualTo(expected);
        }
    }
}
