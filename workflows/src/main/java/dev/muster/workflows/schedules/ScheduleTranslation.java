package dev.muster.workflows.schedules;

import dev.muster.runbooks.schedule.Cron;
import dev.muster.runbooks.schedule.Cron.Field;
import dev.muster.runbooks.schedule.Overlap;
import dev.muster.runbooks.schedule.Timetable;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.run.RunRequest.SourceFile;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleRange;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.common.SearchAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/** A schedule of a file as Temporal has it. */
final class ScheduleTranslation {
    static final String PREFIX = "muster/";

    private ScheduleTranslation() {}

    static String id(String name) {
        return PREFIX + name;
    }

    static ScheduledRunRequest request(LoadedSchedule loaded) {
        return new ScheduledRunRequest(
                ScheduledRunRequest.SCHEMA,
                loaded.schedule().fullName(),
                loaded.runbook().resolved().runbook().scenario().id(),
                loaded.schedule().system(),
                file(loaded.runbook().source()),
                file(loaded.runbook().systemSource()));
    }

    /** Without the folder: the machine that it was applied from is nobody's business. */
    private static SourceFile file(SourceText source) {
        String name = source.file();
        return new SourceFile(name.substring(name.lastIndexOf('/') + 1), source.text());
    }

    /** @param attributes what its workflows are found by; empty where the server does not know them */
    static Schedule schedule(LoadedSchedule loaded, ScheduleState state, SearchAttributes attributes) {
        ScheduledRunRequest request = request(loaded);
        return Schedule.newBuilder()
                .setAction(ScheduleActionStartWorkflow.newBuilder()
                        .setWorkflowType(ScheduledRunRequest.WORKFLOW)
                        .setArguments(request)
                        .setOptions(WorkflowOptions.newBuilder()
                                // The server adds the time.
                                .setWorkflowId("schedule/" + request.schedule())
                                .setTaskQueue(TaskQueues.MUSTER)
                                .setTypedSearchAttributes(attributes)
                                .setStaticSummary("Schedule " + request.schedule() + ": " + request.scenario() + " of "
                                        + request.systemName())
                                // With a summary and no details the SDK (1.38.0) cannot read the schedule again.
                                .setStaticDetails("Started by the schedule `" + request.schedule() + "`, runbook "
                                        + request.runbook().name())
                                .build())
                        .build())
                .setSpec(spec(loaded.schedule().timetable(), loaded.schedule().jitter()))
                .setPolicy(SchedulePolicy.newBuilder()
                        .setOverlap(overlap(loaded.schedule().overlap()))
                        .setCatchupWindow(loaded.schedule().catchUp())
                        .build())
                .setState(state)
                .build();
    }

    /** The state that a file asks for, or else the one that the schedule has. */
    static ScheduleState state(LoadedSchedule loaded, ScheduleState current) {
        return loaded.schedule()
                .paused()
                .map(note -> ScheduleState.newBuilder(current)
                        .setPaused(true)
                        .setNote(note)
                        .build())
                .orElse(current);
    }

    static ScheduleOverlapPolicy overlap(Overlap overlap) {
        return switch (overlap) {
            case SKIP -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP;
            case BUFFER_ONE -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE;
        };
    }

    /**
     * As calendars, so that the server does not read the crons once more in its own way; the text stands beside each
     * for people.
     */
    static ScheduleSpec spec(Timetable timetable, Duration jitter) {
        return ScheduleSpec.newBuilder()
                .setCalendars(timetable.crons().stream()
                        .map(ScheduleTranslation::calendar)
                        .toList())
                .setTimeZoneName(timetable.zone().getId())
                .setJitter(jitter)
                .build();
    }

    private static ScheduleCalendarSpec calendar(Cron cron) {
        return ScheduleCalendarSpec.newBuilder()
                .setSeconds(ScheduleCalendarSpec.BEGINNING)
                .setMinutes(ranges(cron.of(Field.MINUTE)))
                .setHour(ranges(cron.of(Field.HOUR)))
                .setDayOfMonth(ranges(cron.of(Field.DAY_OF_MONTH)))
                .setMonth(ranges(cron.of(Field.MONTH)))
                .setDayOfWeek(ranges(cron.of(Field.DAY_OF_WEEK)))
                .setComment(cron.text())
                .build();
    }

    private static List<ScheduleRange> ranges(SortedSet<Integer> values) {
        List<ScheduleRange> ranges = new ArrayList<>();
        int from = values.first();
        int to = from;
        for (int value : values.tailSet(from + 1)) {
            if (value != to + 1) {
                ranges.add(new ScheduleRange(from, to));
                from = value;
            }
            to = value;
        }
        ranges.add(new ScheduleRange(from, to));
        return ranges;
    }
}
