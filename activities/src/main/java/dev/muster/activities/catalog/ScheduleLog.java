package dev.muster.activities.catalog;

import dev.muster.activities.ActivityWork;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.ScheduleExecution;
import dev.muster.workflows.recording.ScheduleLogActivities;
import dev.muster.workflows.recording.ScheduledTime;

/** The log of schedules as the catalogue keeps it. */
public final class ScheduleLog implements ScheduleLogActivities {
    private final Catalog catalog;

    public ScheduleLog(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public void recordScheduledTime(ScheduledTime time) {
        ActivityWork.run(heartbeats -> {
            catalog.scheduleExecutions()
                    .record(new ScheduleExecution(
                            time.schedule(),
                            time.due(),
                            time.at(),
                            time.outcome().name(),
                            time.runId(),
                            time.detail()));
            return time.outcome();
        });
    }
}
