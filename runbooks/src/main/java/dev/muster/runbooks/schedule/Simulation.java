package dev.muster.runbooks.schedule;

import dev.muster.runbooks.schedule.Timetable.ClockChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which runs a set of schedules would start between two moments, if it were alone and nothing failed.
 *
 * @param starts by time
 * @param changes local times that clock changes make special, by schedule
 * @param complete false if there are more than {@link #MOST} starts of a schedule, of which the rest is left out
 */
public record Simulation(List<Start> starts, List<Change> changes, boolean complete) {
    /** Starts of one schedule. */
    public static final int MOST = 5_000;

    public Simulation {
        starts = List.copyOf(starts);
        changes = List.copyOf(changes);
    }

    /**
     * A schedule, and how long its runs are thought to take.
     *
     * @param lasts empty if nobody knows: then overlaps cannot be told
     */
    public record Expected(Schedule schedule, Optional<Duration> lasts) {}

    /** What becomes of a time of the timetable. */
    public enum Fate {
        STARTS,
        /** It depends on the jitter whether the previous run is still under way. */
        MAY_BE_SKIPPED,
        /** The previous run is still under way. */
        SKIPPED,
        /** It depends on the jitter whether it waits for the previous run. */
        MAY_WAIT,
        /** It waits until the previous run has ended. */
        WAITS
    }

    /**
     * One time of a timetable.
     *
     * @param earliest when the run starts at the earliest: what the timetable says, or the previous run's earliest end
     * @param latest the same with all of the jitter, or the previous run's latest end
     * @param overlaps full names of the same system's other schedules whose runs may be under way then
     */
    public record Start(Schedule schedule, Instant earliest, Instant latest, Fate fate, List<String> overlaps) {
        public Start {
            overlaps = List.copyOf(overlaps);
        }

        /** Whether there may be a run at all. */
        public boolean possible() {
            return fate != Fate.SKIPPED;
        }
    }

    /** What a clock change does to a schedule. */
    public record Change(Schedule schedule, ClockChange change) {}

    /** From the first moment, inclusive, to the second, exclusive. */
    public static Simulation of(List<Expected> schedules, Instant from, Instant to) {
        List<Start> starts = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        boolean complete = true;
        for (Expected expected : schedules) {
            Timetable timetable = expected.schedule().timetable();
            List<Instant> times = timetable.between(from, to, MOST + 1);
            complete &= times.size() <= MOST;
            starts.addAll(new OneSchedule(expected).starts(times.subList(0, Math.min(times.size(), MOST))));
            timetable.clockChanges(from, to).forEach(change -> changes.add(new Change(expected.schedule(), change)));
        }
        starts.sort(Comparator.comparing(Start::earliest)
                .thenComparing(start -> start.schedule().fullName()));
        return new Simulation(withOverlaps(starts, schedules), changes, complete);
    }

    private static List<Start> withOverlaps(List<Start> starts, List<Expected> schedules) {
        List<List<String>> overlaps = new ArrayList<>();
        starts.forEach(start -> overlaps.add(new ArrayList<>()));
        Duration longest = schedules.stream()
                .flatMap(expected -> expected.lasts().stream())
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        for (int i = 0; i < starts.size(); i++) {
            Start one = starts.get(i);
            Instant horizon = one.latest().plus(longest);
            for (int j = i + 1; j < starts.size() && starts.get(j).earliest().isBefore(horizon); j++) {
                Start other = starts.get(j);
                if (meet(one, other, schedules)) {
                    add(overlaps.get(i), other.schedule().fullName());
                    add(overlaps.get(j), one.schedule().fullName());
                }
            }
        }
        List<Start> marked = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            Start start = starts.get(i);
            marked.add(new Start(start.schedule(), start.earliest(), start.latest(), start.fate(), overlaps.get(i)));
        }
        return marked;
    }

    private static void add(List<String> names, String name) {
        if (!names.contains(name)) {
            names.add(name);
        }
    }

    private static boolean meet(Start one, Start other, List<Expected> schedules) {
        return one.possible()
                && other.possible()
                && one.schedule().system().equals(other.schedule().system())
                && !one.schedule().fullName().equals(other.schedule().fullName())
                && other.earliest().isBefore(one.latest().plus(lasts(one, schedules)))
                && one.earliest().isBefore(other.latest().plus(lasts(other, schedules)));
    }

    private static Duration lasts(Start start, List<Expected> schedules) {
        return schedules.stream()
                .filter(expected ->
                        expected.schedule().fullName().equals(start.schedule().fullName()))
                .flatMap(expected -> expected.lasts().stream())
                .findFirst()
                .orElse(Duration.ZERO);
    }

    /** Earliest and latest of a moment that jitter makes uncertain. */
    private record Span(Instant earliest, Instant latest) {
        Span plus(Duration duration) {
            return new Span(earliest.plus(duration), latest.plus(duration));
        }

        boolean surelyBefore(Span other) {
            return latest.isBefore(other.earliest);
        }

        boolean maybeBefore(Span other) {
            return earliest.isBefore(other.latest);
        }
    }

    /** One schedule's times in order, with what its own previous run does to each. */
    private static final class OneSchedule {
        private final Schedule schedule;
        private final Duration lasts;
        private Span end = new Span(Instant.MIN, Instant.MIN);
        /** When the run that waits starts; before it has, no other may wait. */
        private Span waiting = new Span(Instant.MIN, Instant.MIN);

        OneSchedule(Expected expected) {
            schedule = expected.schedule();
            lasts = expected.lasts().orElse(Duration.ZERO);
        }

        List<Start> starts(List<Instant> times) {
            List<Start> starts = new ArrayList<>();
            for (Instant time : times) {
                // Like the server: never later than the next time.
                Instant next = schedule.timetable().next(time).orElse(Instant.MAX);
                Instant latest = time.plus(schedule.jitter());
                starts.add(start(new Span(time, latest.isBefore(next) ? latest : next)));
            }
            return starts;
        }

        private Start start(Span time) {
            if (!time.maybeBefore(end)) {
                end = time.plus(lasts);
                return at(time, Fate.STARTS);
            }
            if (schedule.overlap() == Overlap.SKIP) {
                return skipOrStart(time);
            }
            if (time.surelyBefore(waiting)) {
                return at(time, Fate.SKIPPED);
            }
            if (time.maybeBefore(waiting)) {
                return at(time, Fate.MAY_BE_SKIPPED);
            }
            boolean sure = time.surelyBefore(end);
            waiting = new Span(later(time.earliest(), end.earliest()), later(time.latest(), end.latest()));
            end = waiting.plus(lasts);
            return at(waiting, sure ? Fate.WAITS : Fate.MAY_WAIT);
        }

        private Start skipOrStart(Span time) {
            if (time.surelyBefore(end)) {
                return at(time, Fate.SKIPPED);
            }
            end = new Span(end.earliest(), later(end.latest(), time.latest().plus(lasts)));
            return at(time, Fate.MAY_BE_SKIPPED);
        }

        private static Instant later(Instant left, Instant right) {
            return left.isAfter(right) ? left : right;
        }

        private Start at(Span span, Fate fate) {
            return new Start(schedule, span.earliest(), span.latest(), fate, List.of());
        }
    }
}
