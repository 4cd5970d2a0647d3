package dev.muster.runbooks.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the server finds the same moments is compared on a real one, beside the schedule board's test. */
class TimetableTest {
    static Timetable timetable(String zone, String... crons) {
        return new Timetable(Arrays.stream(crons).map(TimetableTest::cron).toList(), ZoneId.of(zone));
    }

    static Cron cron(String text) {
        try {
            return Cron.parse(text);
        } catch (CronException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static List<Instant> moments(Timetable timetable, String from, String to) {
        return timetable.between(Instant.parse(from), Instant.parse(to), 1000);
    }

    private static List<Instant> instants(String... texts) {
        return Arrays.stream(texts).map(Instant::parse).toList();
    }

    @Test
    void aLocalTimeMovesInUtcWhenTheClocksChange() {
        assertThat(moments(timetable("Europe/Berlin", "0 5 * * *"), "2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z"))
                .isEqualTo(instants("2026-10-24T03:00:00Z", "2026-10-25T04:00:00Z", "2026-10-26T04:00:00Z"));
    }

    @Test
    void aLocalTimeThatDoesNotExistIsPassedOverAndToldAsAClockChange() {
        Timetable berlin = timetable("Europe/Berlin", "30 2 * * *");
        assertThat(moments(berlin, "2027-03-27T00:00:00Z", "2027-03-30T00:00:00Z"))
                .isEqualTo(instants("2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z"));
        assertThat(berlin.clockChanges(Instant.parse("2027-03-27T00:00:00Z"), Instant.parse("2027-03-30T00:00:00Z")))
                .containsExactly(new Timetable.ClockChange(LocalDateTime.parse("2027-03-28T02:30"), false, 0));
    }

    @Test
    void aLocalTimeThatComesTwiceStartsOnceInBerlinAndTwiceInNewYork() {
        Timetable berlin = timetable("Europe/Berlin", "30 2 * * *");
        assertThat(moments(berlin, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"))
                .isEqualTo(instants("2026-10-25T01:30:00Z"));
        assertThat(berlin.clockChanges(Instant.parse("2026-10-24T12:00:00Z"), Instant.parse("2026-10-25T12:00:00Z")))
                .containsExactly(new Timetable.ClockChange(LocalDateTime.parse("2026-10-25T02:30"), true, 1));
        Timetable newYork = timetable("America/New_York", "30 1 * * *");
        assertThat(moments(newYork, "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z"))
                .isEqualTo(instants("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"));
        assertThat(newYork.clockChanges(Instant.parse("2026-10-31T12:00:00Z"), Instant.parse("2026-11-01T12:00:00Z")))
                .containsExactly(new Timetable.ClockChange(LocalDateTime.parse("2026-11-01T01:30"), true, 2));
    }

    @Test
    void anHourlyTimetableHasNoHoleWhenClocksChange() {
        assertThat(moments(timetable("Europe/London", "0 * * * *"), "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z"))
                .startsWith(Instant.parse("2026-10-24T22:00:00Z"))
                .endsWith(Instant.parse("2026-10-25T03:00:00Z"))
                .hasSizeGreaterThanOrEqualTo(5);
        assertThat(moments(timetable("Europe/London", "0 * * * *"), "2027-03-27T23:00:00Z", "2027-03-28T04:00:00Z"))
                .hasSize(5);
    }

    @Test
    void aLeapDayIsFoundYearsAhead() {
        assertThat(timetable("UTC", "0 4 29 2 *").next(Instant.parse("2096-03-01T00:00:00Z")))
                .isEmpty();
        assertThat(timetable("UTC", "0 4 29 2 *").next(Instant.parse("2026-11-21T00:00:00Z")))
                .contains(Instant.parse("2028-02-29T04:00:00Z"));
    }

    @Test
    void ofSeveralCronsTheNearestCountsAndOneMomentOnce() {
        assertThat(moments(
                        timetable("UTC", "0 2 * * *", "0 2 1 * *", "0 12 * * *"),
                        "2026-12-01T00:00:00Z",
                        "2026-12-02T00:00:00Z"))
                .isEqualTo(instants("2026-12-01T02:00:00Z", "2026-12-01T12:00:00Z"));
    }

    @Test
    void theBeginIsInsideAndTheEndIsNot() {
        assertThat(moments(timetable("UTC", "0 2 * * *"), "2026-12-01T02:00:00Z", "2026-12-02T02:00:00Z"))
                .isEqualTo(instants("2026-12-01T02:00:00Z"));
    }
}
