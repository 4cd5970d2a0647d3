package dev.muster.workflows.recording;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** The catalogue's log of schedules, on the queue of the workers that reach it. May be repeated, in any order. */
@ActivityInterface
public interface ScheduleLogActivities {
    /** Keeps what became of a scheduled time, unless something later about it is kept already. */
    @ActivityMethod(name = "RecordScheduledTime")
    void recordScheduledTime(ScheduledTime time);
}
