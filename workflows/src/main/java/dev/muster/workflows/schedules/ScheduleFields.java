package dev.muster.workflows.schedules;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.schedule.Cron;
import dev.muster.runbooks.schedule.CronException;
import dev.muster.workflows.run.RunAttributes;
import dev.muster.workflows.run.RunRequest.SourceFile;
import dev.muster.workflows.schedules.ScheduleChange.Difference;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleRange;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.common.SearchAttributes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything that decides what a schedule does, field by field, in words that two schedules can be compared by. */
final class ScheduleFields {
    /** The server's own, where none was set. */
    private static final Duration SERVERS_CATCH_UP = Duration.ofDays(365);

    private static final int SHOWN_OF_A_HASH = 12;
    private static final String NONE = "none";

    private ScheduleFields() {}

    /** Where two schedules do different things; the pause counts only if the wanted one asks for it. */
    static List<Difference> differences(
            Schedule onServer, ScheduledRunRequest requestOnServer, Schedule wanted, ScheduledRunRequest request) {
        Map<String, String> theirs = of(onServer, requestOnServer);
        List<Difference> differences = new ArrayList<>();
        of(wanted, request).forEach((field, value) -> {
            String other = theirs.getOrDefault(field, NONE);
            if (!other.equals(value)) {
                differences.add(new Difference(field, other, value));
            }
        });
        return differences;
    }

    private static Map<String, String> of(Schedule schedule, ScheduledRunRequest request) {
        Map<String, String> fields = new LinkedHashMap<>();
        ScheduleSpec spec = schedule.getSpec();
        fields.put("cron", meanings(spec.getCalendars()));
        fields.put("timeZone", text(spec.getTimeZoneName()));
        fields.put("jitter", duration(spec.getJitter()));
        SchedulePolicy policy = schedule.getPolicy();
        fields.put("overlap", overlap(policy));
        fields.put("catchUp", duration(catchUp(policy)));
        fields.put("runbook", hash(request.runbook()));
        fields.put("system", hash(request.system()));
        fields.put("scenario", request.scenario());
        fields.put("name", request.schedule() + ", " + request.systemName());
        ScheduleState state = schedule.getState();
        fields.put("paused", state != null && state.isPaused() ? "paused: " + text(state.getNote()) : "no");
        fields.put("otherTimes", otherTimes(spec));
        fields.put("limits", limits(policy, state));
        if (schedule.getAction() instanceof ScheduleActionStartWorkflow action) {
            fields.put("queue", text(action.getOptions().getTaskQueue()));
            fields.put("workflowId", text(action.getOptions().getWorkflowId()));
            fields.put("foundBy", attributes(action));
        }
        return fields;
    }

    static boolean hasAttributes(Schedule schedule) {
        return schedule.getAction() instanceof ScheduleActionStartWorkflow action
                && !attributes(action).equals(NONE);
    }

    /** Only those that are set by us: a server may add its own. */
    private static String attributes(ScheduleActionStartWorkflow action) {
        SearchAttributes set = action.getOptions().getTypedSearchAttributes();
        if (set == null) {
            return NONE;
        }
        String words = RunAttributes.ALL.stream()
                .filter(set::containsKey)
                .map(key -> key.getName() + " " + set.get(key))
                .collect(Collectors.joining(", "));
        return text(words);
    }

    /** What only somebody else can have set. */
    private static String otherTimes(ScheduleSpec spec) {
        List<String> others = new ArrayList<>();
        orEmpty(spec.getIntervals()).forEach(interval -> others.add("every " + duration(interval.getEvery())));
        orEmpty(spec.getSkip()).forEach(skip -> others.add("not at " + meaning(skip)));
        if (spec.getStartAt() != null && spec.getStartAt().getEpochSecond() > 0) {
            others.add("from " + spec.getStartAt());
        }
        if (spec.getEndAt() != null && spec.getEndAt().getEpochSecond() > 0) {
            others.add("until " + spec.getEndAt());
        }
        return others.isEmpty() ? NONE : String.join("; ", others);
    }

    private static String limits(@Nullable SchedulePolicy policy, @Nullable ScheduleState state) {
        List<String> limits = new ArrayList<>();
        if (policy != null && policy.isPauseOnFailure()) {
            limits.add("paused by a failure");
        }
        if (state != null && state.isLimitedAction()) {
            limits.add(state.getRemainingActions() + " runs left");
        }
        return limits.isEmpty() ? NONE : String.join("; ", limits);
    }

    static String overlap(@Nullable SchedulePolicy policy) {
        ScheduleOverlapPolicy overlap = policy == null ? null : policy.getOverlap();
        if (overlap == null || overlap == ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_UNSPECIFIED) {
            return "skip";
        }
        return overlap.name()
                .replace("SCHEDULE_OVERLAP_POLICY_", "")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }

    static Duration catchUp(@Nullable SchedulePolicy policy) {
        Duration window = policy == null ? null : policy.getCatchupWindow();
        return window == null || window.isZero() ? SERVERS_CATCH_UP : window;
    }

    private static String duration(@Nullable Duration duration) {
        return duration == null ? Durations.format(Duration.ZERO) : Durations.format(duration);
    }

    private static String text(@Nullable String text) {
        return text == null || text.isEmpty() ? NONE : text;
    }

    private static String hash(SourceFile file) {
        return StoredPlan.hash(file.text().getBytes(StandardCharsets.UTF_8)).substring(0, SHOWN_OF_A_HASH);
    }

    private static String meanings(@Nullable List<ScheduleCalendarSpec> calendars) {
        List<String> meanings = orEmpty(calendars).stream()
                .map(ScheduleFields::meaning)
                .sorted()
                .toList();
        return meanings.isEmpty() ? NONE : String.join("; ", meanings);
    }

    /** The same for calendars that were written in different ways and mean the same. */
    private static String meaning(ScheduleCalendarSpec calendar) {
        String meaning = values(Cron.Field.MINUTE, calendar.getMinutes())
                + " " + values(Cron.Field.HOUR, calendar.getHour())
                + " " + values(Cron.Field.DAY_OF_MONTH, calendar.getDayOfMonth())
                + " " + values(Cron.Field.MONTH, calendar.getMonth())
                + " " + values(Cron.Field.DAY_OF_WEEK, calendar.getDayOfWeek());
        String seconds = list(expand(calendar.getSeconds()));
        String years = list(expand(calendar.getYear()));
        return meaning
                + (seconds.isEmpty() || seconds.equals("0") ? "" : " at seconds " + seconds)
                + (years.isEmpty() ? "" : " in " + years);
    }

    /** The cron that was written, if the calendar still says the same. */
    static String text(ScheduleCalendarSpec calendar) {
        String meaning = meaning(calendar);
        String written = calendar.getComment() == null ? "" : calendar.getComment();
        try {
            return Cron.parse(written).meaning().equals(meaning) ? written : meaning;
        } catch (CronException e) {
            return meaning;
        }
    }

    private static String values(Cron.Field field, @Nullable List<ScheduleRange> ranges) {
        SortedSet<Integer> values = expand(ranges);
        return values.size() == field.most() - field.least() + 1 ? "*" : list(values);
    }

    private static String list(SortedSet<Integer> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static SortedSet<Integer> expand(@Nullable List<ScheduleRange> ranges) {
        SortedSet<Integer> values = new TreeSet<>();
        for (ScheduleRange range : orEmpty(ranges)) {
            int step = Math.max(1, range.getStep());
            for (int value = range.getStart(); value <= Math.max(range.getStart(), range.getEnd()); value += step) {
                values.add(value);
            }
        }
        return values;
    }

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
