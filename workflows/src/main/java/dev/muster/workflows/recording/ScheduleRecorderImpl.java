package dev.muster.workflows.recording;

import dev.muster.workflows.FailureType;
import dev.muster.workflows.planning.PlanningActivities;
import dev.muster.workflows.run.Activities;
import io.temporal.failure.ApplicationFailure;
import org.jspecify.annotations.Nullable;

/** Asks whether there is a catalogue, because nobody polls its queue where there is none, and writes the entry. */
public final class ScheduleRecorderImpl implements ScheduleRecorder {
    private final PlanningActivities control =
            Activities.control(PlanningActivities.class, "Is there a catalogue that keeps records?");
    private final ScheduleLogActivities catalog = CatalogActivities.patient(ScheduleLogActivities.class);

    @Override
    public void record(@Nullable ScheduledTime time) {
        if (time == null) {
            // By hand; as any other exception it would hang the workflow task for ever.
            throw ApplicationFailure.newNonRetryableFailure(
                    "RECORDER_WITHOUT_RUN: the recorder was started without an entry. Hint: scheduled runs start"
                            + " their own.",
                    FailureType.REFUSED.name());
        }
        if (control.hasCatalogue()) {
            catalog.recordScheduledTime(time);
        }
    }
}
