package dev.muster.api.runs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunEventTest {
    private static final Instant NOW = Instant.parse("2026-11-21T03:00:00Z");
    private static final String PLAN = "ab".repeat(32);

    private static StepView step(String id, String state) {
        return new StepView(id, id, "control", state, NOW, state.equals("RUNNING") ? null : NOW, "");
    }

    private static RunSnapshot snapshot(String state, boolean waits, boolean ended, String... steps) {
        List<StepView> views = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) {
            views.add(step("step-" + i, steps[i]));
        }
        RunView.@Nullable Waiting waiting = waits ? new RunView.Waiting("approver", null, null, null, null) : null;
        return new RunSnapshot(
                new RunView(
                        "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC",
                        "change/orders",
                        "orders",
                        "backup",
                        "olga",
                        false,
                        state,
                        ended ? "SUCCEEDED" : null,
                        null,
                        waits ? PLAN : null,
                        null,
                        null,
                        waiting,
                        NOW,
                        ended ? NOW : null,
                        true),
                views,
                List.of(),
                null);
    }

    private static List<String> types(List<RunEvent> events) {
        return events.stream().map(RunEvent::type).toList();
    }

    private static RunEvent.Seen after(List<RunEvent> events) {
        return RunEvent.Seen.of(events.get(events.size() - 1).id());
    }

    @Test
    void whoHasSeenNothingGetsAllOfIt() {
        assertThat(types(RunEvent.since(
                        RunEvent.Seen.NOTHING, snapshot("WAITING_FOR_APPROVAL", true, false, "DONE", "DONE"))))
                .containsExactly("step", "step", "state", "waiting");
    }

    @Test
    void afterEachEventOnlyWhatCameLaterIsNew() {
        List<RunEvent> first = RunEvent.since(RunEvent.Seen.NOTHING, snapshot("PLANNING", false, false, "RUNNING"));
        assertThat(types(first)).containsExactly("step", "state");
        assertThat(RunEvent.since(after(first), snapshot("PLANNING", false, false, "RUNNING")))
                .isEmpty();

        List<RunEvent> then =
                RunEvent.since(after(first), snapshot("EXECUTING", false, false, "DONE", "DONE", "RUNNING"));
        assertThat(types(then)).containsExactly("step", "step", "step", "state");
        assertThat(RunEvent.since(
                        RunEvent.Seen.of(then.get(1).id()),
                        snapshot("EXECUTING", false, false, "DONE", "DONE", "RUNNING")))
                .hasSize(2);
    }

    @Test
    void theEndComesLastAndAgainForWhoComesBackAfterIt() {
        RunSnapshot ended = snapshot("FINISHED", false, true, "DONE");
        List<RunEvent> events = RunEvent.since(RunEvent.Seen.NOTHING, ended);
        assertThat(types(events)).containsExactly("step", "state", "end");
        assertThat(types(RunEvent.since(after(events), ended))).containsExactly("end");
    }

    @Test
    void anIdThatIsNoneOfOursIsAsNone() {
        for (String id : new String[] {"7", "", "DD-x", "-1", "DDD-1-STATE-zz", "D".repeat(5000) + "-0--"}) {
            assertThat(RunEvent.Seen.of(id)).isEqualTo(RunEvent.Seen.NOTHING);
        }
        assertThat(RunEvent.Seen.of(null)).isEqualTo(RunEvent.Seen.NOTHING);
    }

    @Test
    void anIdOfMoreThanThereIsSendsWhatThereIs() {
        assertThat(types(RunEvent.since(
                        RunEvent.Seen.of("DDDDDDDD-9-EXECUTING-"), snapshot("EXECUTING", false, false, "DONE"))))
                .isEmpty();
    }
}
