package dev.muster.workflows.schedules;

import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleInfo;
import io.temporal.client.schedules.ScheduleState;
import java.time.Duration;
import java.util.List;

/** What the server says of a schedule, in our words. */
final class ScheduleStatuses {
    private ScheduleStatuses() {}

    static ScheduleStatus status(
            String name,
            ScheduleDescription description,
            ScheduledRunRequest request,
            List<ScheduleStatus.LastRun> last) {
        Schedule schedule = description.getSchedule();
        ScheduleInfo info = description.getInfo();
        ScheduleState state = schedule.getState();
        boolean paused = state != null && state.isPaused();
        String note = state == null || state.getNote() == null ? "" : state.getNote();
        Duration jitter = schedule.getSpec().getJitter();
        return new ScheduleStatus(
                name,
                request.scenario(),
                request.runbook().name(),
                crons(schedule),
                schedule.getSpec().getTimeZoneName() == null
                        ? ""
                        : schedule.getSpec().getTimeZoneName(),
                jitter == null ? 0 : jitter.toSeconds(),
                ScheduleFields.overlap(schedule.getPolicy()),
                ScheduleFields.catchUp(schedule.getPolicy()).toSeconds(),
                paused,
                note,
                paused ? List.of() : ScheduleFields.orEmpty(info.getNextActionTimes()),
                last,
                info.getNumActions(),
                info.getNumActionsMissedCatchupWindow(),
                info.getNumActionsSkippedOverlap());
    }

    /** As the file had them, as far as they still say what the server does. */
    static List<String> crons(Schedule schedule) {
        return ScheduleFields.orEmpty(schedule.getSpec().getCalendars()).stream()
                .map(ScheduleFields::text)
                .toList();
    }
}
