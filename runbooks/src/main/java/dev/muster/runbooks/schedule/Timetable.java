package dev.muster.runbooks.schedule;

import dev.muster.runbooks.schedule.Cron.Field;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The moments that crons name in a time zone, as Temporal's server finds them; a test compares the two. Where clocks
 * are set forward, a local time that does not exist is passed over. Where they are set back, a local time that comes
 * twice may count once or twice, by the zone's side of Greenwich: that is the server's doing and is followed here, so
 * that what is simulated is what happens.
 */
public record Timetable(List<Cron> crons, ZoneId zone) {
    private static final Duration HOUR = Duration.ofHours(1);
    /** The server looks no further. */
    private static final int LAST_YEAR = 2100;

    private static final Duration AROUND = Duration.ofHours(30);
    private static final int MOST_AROUND = 60 * 60;

    public Timetable {
        crons = List.copyOf(crons);
    }

    /** The first moment after another; empty if the server would find none. */
    public Optional<Instant> next(Instant after) {
        return crons.stream()
                .map(cron -> new Search(cron, zone.getRules()).next(after))
                .flatMap(Optional::stream)
                .min(Instant::compareTo);
    }

    /** The moments from {@code from}, inclusive, to {@code to}, exclusive; at most {@code most}. */
    public List<Instant> between(Instant from, Instant to, int most) {
        List<Instant> moments = new ArrayList<>();
        Optional<Instant> moment = next(from.minusSeconds(1));
        while (moment.isPresent() && moment.get().isBefore(to) && moments.size() < most) {
            moments.add(moment.get());
            moment = next(moment.get());
        }
        return moments;
    }

    /**
     * A local time that a cron names on a day on which the clocks pass over it, or show it twice.
     *
     * @param exists false when clocks were set forward over it, and nothing starts
     * @param starts how often the schedule starts at it
     */
    public record ClockChange(LocalDateTime local, boolean exists, int starts) {}

    /** The local times between two moments that clock changes make special. */
    public List<ClockChange> clockChanges(Instant from, Instant to) {
        List<ClockChange> changes = new ArrayList<>();
        ZoneRules rules = zone.getRules();
        ZoneOffsetTransition transition = rules.nextTransition(from.minusSeconds(1));
        while (transition != null && transition.getInstant().isBefore(to)) {
            changes.addAll(clockChanges(transition));
            transition = rules.nextTransition(transition.getInstant());
        }
        return changes;
    }

    private List<ClockChange> clockChanges(ZoneOffsetTransition transition) {
        boolean gap = transition.isGap();
        LocalDateTime first = gap ? transition.getDateTimeBefore() : transition.getDateTimeAfter();
        LocalDateTime last = gap ? transition.getDateTimeAfter() : transition.getDateTimeBefore();
        // In the order in which the server finds them: what it finds depends on where it comes from.
        List<LocalDateTime> started =
                between(
                                transition.getInstant().minus(AROUND),
                                transition.getInstant().plus(AROUND),
                                MOST_AROUND)
                        .stream()
                        .map(moment -> LocalDateTime.ofInstant(moment, zone))
                        .toList();
        List<ClockChange> changes = new ArrayList<>();
        for (LocalDateTime local = first; local.isBefore(last); local = local.plusMinutes(1)) {
            if (names(local)) {
                changes.add(new ClockChange(local, !gap, Collections.frequency(started, local)));
            }
        }
        return changes;
    }

    private boolean names(LocalDateTime local) {
        return crons.stream()
                .anyMatch(cron -> cron.names(local.toLocalDate())
                        && cron.allows(Field.HOUR, local.getHour())
                        && cron.allows(Field.MINUTE, local.getMinute()));
    }

    /** Whether the server can carry it out in this zone: it counts on clocks that change by whole hours, one at a time. */
    public static boolean possible(ZoneId zone, Instant from) {
        ZoneRules rules = zone.getRules();
        Instant end = from.plus(Duration.ofDays(3650));
        ZoneOffsetTransition transition = rules.nextTransition(from);
        while (transition != null && transition.getInstant().isBefore(end)) {
            if (!transition.getDuration().abs().equals(HOUR)) {
                return false;
            }
            transition = rules.nextTransition(transition.getInstant());
        }
        return true;
    }

    /** A wall clock that is moved on until the cron likes what it shows. */
    private static final class Search {
        private final Cron cron;
        private final ZoneRules rules;
        private LocalDateTime wall = LocalDateTime.MIN;
        /** The clock shows an hour for the second time. */
        private boolean repeated;

        Search(Cron cron, ZoneRules rules) {
            this.cron = cron;
            this.rules = rules;
        }

        Optional<Instant> next(Instant after) {
            wall = local(after).truncatedTo(ChronoUnit.MINUTES);
            repeated = local(after.minus(HOUR)).getHour() == wall.getHour();
            toNextMinute();
            while (wall.getYear() <= LAST_YEAR) {
                if (!cron.allows(Field.MONTH, wall.getMonthValue())) {
                    to(wall.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay());
                } else if (!dayAllowed()) {
                    to(wall.toLocalDate().plusDays(1).atStartOfDay());
                } else if (toAllowedHour() && toAllowedMinute()) {
                    Instant moment = moment(wall);
                    if (local(moment).getHour() == wall.getHour()) {
                        return Optional.of(repeated ? moment.plus(HOUR) : moment);
                    }
                    wall = hour().plusHours(1);
                }
            }
            return Optional.empty();
        }

        /** False if the day ended first. Which day of the week it is, the server does not ask again in between. */
        private boolean toAllowedHour() {
            LocalDate day = wall.toLocalDate();
            while (!cron.allows(Field.HOUR, wall.getHour())) {
                to(hour().plusHours(1));
                if (!wall.toLocalDate().equals(day)) {
                    return false;
                }
            }
            return true;
        }

        /** False if the hour ended first. */
        private boolean toAllowedMinute() {
            while (!cron.allows(Field.MINUTE, wall.getMinute())) {
                toNextMinute();
                if (wall.getMinute() == 0) {
                    return false;
                }
            }
            return true;
        }

        private void to(LocalDateTime later) {
            wall = later;
            repeated = false;
        }

        private LocalDateTime hour() {
            return wall.truncatedTo(ChronoUnit.HOURS);
        }

        private void toNextMinute() {
            LocalDateTime next = wall.plusMinutes(1);
            if (next.getHour() == wall.getHour()) {
                wall = next;
                return;
            }
            // Two hours between two full hours: the one in between is shown again first.
            boolean again =
                    !repeated && Duration.between(moment(hour()), moment(next)).compareTo(HOUR) > 0;
            wall = again ? hour() : next;
            repeated = again;
        }

        /** The day of the week is that of the moment which the server takes the wall clock for. */
        private boolean dayAllowed() {
            LocalDate day = local(moment(wall)).toLocalDate();
            return cron.allows(Field.DAY_OF_MONTH, wall.getDayOfMonth())
                    && cron.allows(Field.DAY_OF_WEEK, day.getDayOfWeek().getValue() % 7);
        }

        private LocalDateTime local(Instant moment) {
            return LocalDateTime.ofInstant(moment, rules.getOffset(moment));
        }

        /**
         * Of a local time that comes twice, or never, the server's runtime takes the offset that is in force when the
         * same numbers are read as UTC, or, where that offset leads out of its own time, the one on the other side.
         */
        private Instant moment(LocalDateTime local) {
            Instant asUtc = local.toInstant(ZoneOffset.UTC);
            ZoneOffset guess = rules.getOffset(asUtc);
            Instant moment = local.toInstant(guess);
            return samePeriod(asUtc, moment) ? moment : local.toInstant(rules.getOffset(moment));
        }

        private boolean samePeriod(Instant left, Instant right) {
            Instant earlier = left.isBefore(right) ? left : right;
            Instant later = left.isBefore(right) ? right : left;
            ZoneOffsetTransition transition = rules.nextTransition(earlier);
            return transition == null || transition.getInstant().isAfter(later);
        }
    }
}
