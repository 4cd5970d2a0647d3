package dev.muster.repository.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.frames.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which backups are kept, decided without a store. */
class RetentionPlannerTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final List<Candidate> candidates = new ArrayList<>();
    private String line = "";

    private void backup(String id, BackupKind kind, String time) {
        CommittedBackup backup = new CommittedBackup(
                "orders-main",
                id,
                kind,
                Optional.empty(),
                Instant.parse(time),
                Sha256.hash(new byte[0]),
                1,
                JsonNodeFactory.instance.objectNode());
        candidates.add(new Candidate(backup, line, List.of(), false));
    }

    private void backup(String id, String time) {
        backup(id, BackupKind.FULL, time);
    }

    private List<String> kept(RetentionPolicy policy) {
        return RetentionPlanner.plan(policy, candidates, NOW, NOW).stream()
                .filter(Verdict::kept)
                .map(verdict -> verdict.backup().id())
                .toList();
    }

    private static RetentionPolicy policy(RetentionRules rules) {
        return new RetentionPolicy(rules, ZoneOffset.UTC);
    }

    private static RetentionRules rules(int hourly, int daily, int weekly, int monthly, int yearly) {
        return new RetentionRules(0, Duration.ZERO, hourly, daily, weekly, monthly, yearly);
    }

    @Test
    @DisplayName("By count the newest stay, by age the younger ones, and the newest of all whatever its age")
    void countAndAge() {
        backup("a", "2026-10-01T00:00:00Z");
        backup("b", "2026-10-02T00:00:00Z");
        backup("c", "2026-10-03T00:00:00Z");
        assertThat(kept(policy(RetentionRules.last(2)))).containsExactly("b", "c");
        assertThat(kept(policy(RetentionRules.within(Duration.ofDays(1))))).containsExactly("c");
        assertThat(kept(policy(RetentionRules.within(Duration.ofDays(51))))).containsExactly("b", "c");
        assertThat(kept(policy(RetentionRules.within(Duration.ofDays(1))).withNewest(2)))
                .containsExactly("b", "c");
    }

    @Test
    @DisplayName("Grandfather, father, son: the newest of each day, week, month and year that has backups")
    void generations() {
        backup("y1", "2024-06-01T00:00:00Z");
        backup("y2", "2025-06-01T00:00:00Z");
        backup("m1", "2026-09-10T00:00:00Z");
        backup("m2", "2026-10-10T00:00:00Z");
        backup("w1", "2026-11-11T00:00:00Z");
        backup("d1", "2026-11-20T01:00:00Z");
        backup("d2", "2026-11-20T23:00:00Z");
        backup("d3", "2026-11-21T01:00:00Z");
        assertThat(kept(policy(rules(0, 2, 0, 0, 0)))).containsExactly("d2", "d3");
        assertThat(kept(policy(rules(0, 0, 2, 0, 0)))).containsExactly("w1", "d3");
        assertThat(kept(policy(rules(0, 0, 0, 2, 0)))).containsExactly("m2", "d3");
        assertThat(kept(policy(rules(0, 0, 0, 0, 3)))).containsExactly("y1", "y2", "d3");
        assertThat(kept(policy(rules(0, 2, 2, 2, 2)))).containsExactly("y2", "m2", "w1", "d2", "d3");
        List<Reason> reasons = RetentionPlanner.plan(policy(rules(0, 1, 1, 1, 1)), candidates, NOW, NOW)
                .get(7)
                .reasons();
        assertThat(reasons.stream().map(Reason::code))
                .containsExactly(
                        Reason.Code.NEWEST,
                        Reason.Code.DAILY,
                        Reason.Code.WEEKLY,
                        Reason.Code.MONTHLY,
                        Reason.Code.YEARLY);
    }

    @Test
    @DisplayName(
            "Days begin in the zone that is named; an hour that comes twice in autumn is two; weeks cross the year")
    void zones() {
        backup("a", "2026-10-24T21:30:00Z");
        backup("b", "2026-10-24T22:30:00Z");
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        assertThat(kept(policy(rules(0, 2, 0, 0, 0)))).containsExactly("b");
        assertThat(kept(new RetentionPolicy(rules(0, 2, 0, 0, 0), berlin))).containsExactly("a", "b");
        candidates.clear();
        backup("summer", "2026-10-25T00:30:00Z");
        backup("winter", "2026-10-25T01:30:00Z");
        assertThat(kept(new RetentionPolicy(rules(2, 0, 0, 0, 0), berlin))).containsExactly("summer", "winter");
        candidates.clear();
        backup("thursday", "2025-12-31T00:00:00Z");
        backup("friday", "2026-01-01T00:00:00Z");
        assertThat(kept(policy(rules(0, 0, 2, 0, 0)))).containsExactly("friday");
    }

    @Test
    @DisplayName("Nothing expires just because no backups are made any more")
    void noNewBackups() {
        backup("a", "2020-01-01T00:00:00Z");
        backup("b", "2020-01-02T00:00:00Z");
        assertThat(kept(policy(rules(0, 7, 0, 0, 0)))).containsExactly("a", "b");
    }

    @Test
    @DisplayName("A kind with rules of its own is judged alone and not counted for the others")
    void kinds() {
        backup("archive-1", BackupKind.ARCHIVAL, "2019-01-01T00:00:00Z");
        backup("archive-2", BackupKind.ARCHIVAL, "2026-11-01T00:00:00Z");
        backup("full-1", "2026-11-02T00:00:00Z");
        backup("full-2", "2026-11-03T00:00:00Z");
        backup("archive-3", BackupKind.ARCHIVAL, "2026-11-04T00:00:00Z");
        RetentionPolicy policy = policy(RetentionRules.last(1))
                .withKind(BackupKind.ARCHIVAL, RetentionRules.within(Duration.ofDays(2_600)));
        assertThat(kept(policy)).containsExactly("archive-2", "full-2", "archive-3");
    }

    @Test
    @DisplayName("With a window the newest backup before it stays, so that its first part can be recovered to")
    void window() {
        backup("a", "2026-11-10T00:00:00Z");
        backup("b", "2026-11-13T00:00:00Z");
        backup("c", "2026-11-15T00:00:00Z");
        backup("d", "2026-11-20T00:00:00Z");
        RetentionPolicy one = policy(RetentionRules.last(1));
        assertThat(kept(one)).containsExactly("d");
        assertThat(kept(one.withWindow(Duration.ofDays(7)))).containsExactly("b", "d");
        assertThat(kept(one.withWindow(Duration.ofDays(70)))).containsExactly("a", "d");
    }

    @Test
    @DisplayName(
            "Repository and stores 2, clock skew: a time that goes back is taken for the latest before it, one to come"
                    + " stays; neither makes others expire")
    void clocks() {
        backup("a", "2026-11-01T00:00:00Z");
        backup("future", "2031-01-01T00:00:00Z");
        backup("b", "2026-11-19T00:00:00Z");
        backup("past", "1970-01-01T00:00:00Z");
        backup("c", "2026-11-21T00:00:00Z");
        List<Verdict> verdicts =
                RetentionPlanner.plan(policy(RetentionRules.within(Duration.ofDays(7))), candidates, NOW, NOW);
        assertThat(kept(policy(RetentionRules.within(Duration.ofDays(7))))).containsExactly("future", "b", "past", "c");
        assertThat(verdicts.get(1).reasons().stream().map(Reason::code)).contains(Reason.Code.TIME_IN_FUTURE);
        assertThat(verdicts.get(0).reasons().get(0).text()).contains("20 d 12 h");
        assertThat(kept(policy(RetentionRules.last(2)))).containsExactly("future", "past", "c");
    }

    @Test
    @DisplayName("Rules that would keep nothing, and numbers that cannot be, are refused")
    void refused() {
        assertRefused(() -> RetentionRules.last(0));
        assertRefused(() -> RetentionRules.last(-1));
        assertRefused(() -> RetentionRules.within(Duration.ZERO));
        assertRefused(() -> RetentionRules.within(Duration.ofDays(-1)));
        assertRefused(() -> RetentionRules.within(Duration.ofDays(40_000)));
        assertRefused(() -> policy(RetentionRules.last(1)).withNewest(0));
        assertRefused(() -> policy(RetentionRules.last(1)).withWindow(Duration.ofDays(-1)));
        assertThat(kept(policy(RetentionRules.last(1)))).isEmpty();
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo("RETENTION_INVALID"));
    }

    @Test
    @DisplayName("Repository 2: a backup dated in the future takes no place from those that are made after it")
    void futureTakesNoPlace() {
        backup("a", "2026-11-19T00:00:00Z");
        backup("b", "2026-11-20T00:00:00Z");
        backup("c", "2026-11-21T00:00:00Z");
        backup("z", "2027-11-21T00:00:00Z");
        assertThat(kept(policy(rules(0, 3, 0, 0, 0)))).containsExactly("a", "b", "c", "z");
        assertThat(kept(policy(RetentionRules.last(1)))).containsExactly("c", "z");
    }

    @Test
    @DisplayName("Repository 2: backups after one that was dated too late keep their own days")
    void tooLate() {
        backup("late", "2026-11-20T00:00:00Z");
        backup("b", "2026-11-17T00:00:00Z");
        backup("c", "2026-11-18T00:00:00Z");
        backup("d", "2026-11-19T00:00:00Z");
        backup("e", "2026-11-20T00:00:00Z");
        assertThat(kept(policy(rules(0, 4, 0, 0, 0)))).contains("b", "c", "d", "e");
    }

    @Test
    @DisplayName("Repository 2: an expirer whose clock is behind does not take what the window begins with")
    void behind() {
        backup("month", "2026-11-03T00:00:00Z");
        backup("anchor", "2026-11-14T00:00:00Z");
        backup("b", "2026-11-16T00:00:00Z");
        backup("c", "2026-11-21T11:59:00Z");
        RetentionPolicy policy = policy(RetentionRules.last(1)).withWindow(Duration.ofDays(7));
        assertThat(RetentionPlanner.plan(policy, candidates, NOW.minus(Duration.ofDays(5)), NOW).stream()
                        .filter(Verdict::kept)
                        .map(verdict -> verdict.backup().id()))
                .contains("anchor");
    }

    @Test
    @DisplayName(
            "Of a line that began within the window the first backup stays, and of the line before what it begins with")
    void lines() {
        line = "before";
        backup("a", "2026-11-01T00:00:00Z");
        backup("b", "2026-11-13T00:00:00Z");
        backup("c", "2026-11-17T00:00:00Z");
        line = "after";
        backup("d", "2026-11-18T00:00:00Z");
        backup("e", "2026-11-19T00:00:00Z");
        backup("f", "2026-11-20T00:00:00Z");
        RetentionPolicy policy = policy(RetentionRules.last(1));
        assertThat(kept(policy.withWindow(Duration.ofDays(7)))).containsExactly("b", "d", "f");
        assertThat(kept(policy.withWindow(Duration.ofDays(2)))).containsExactly("e", "f");
    }
}
