package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.steps.StepType;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Plans for what is done with stored backups. */
class StorePlansTest {
    private final Examples.State state = Examples.state();

    @Test
    @DisplayName("Stored backups are cared for while the database's host is gone for good")
    void aDatabaseThatDoesNotAnswerHindersNothing() {
        state.live = null;
        state.space = null;
        state.expiry = Examples.expiry(Examples.OLDER);
        for (String scenario : new String[] {"verify", "replicate", "expire"}) {
            Plan plan = Examples.compileShipped(scenario, state.observed());
            assertThat(plan.changesSystem()).isFalse();
            assertThat(plan.approval()).isNull();
            assertThat(plan.steps()).extracting(Plan.PlannedStep::queue).containsOnly("site-berlin");
            assertThat(PlanBounds.changedBeyond(plan, state.observed())).isEmpty();
        }
    }

    @Test
    void aReplicationHasAStepForEachRepositoryThatItGoesTo() {
        Plan plan = Examples.compileShipped("replicate", state.observed());
        assertThat(plan.steps()).extracting(Plan.PlannedStep::id).containsExactly("replicate-offsite");
        assertThat(Objects.requireNonNull(plan.replicate()).of("replicate-offsite"))
                .hasValueSatisfying(to -> assertThat(to.store()).isEqualTo("file:///mnt/offsite"));
        assertThat(Objects.requireNonNull(plan.replicate()).of("replicate-primary"))
                .isEmpty();
    }

    @Test
    void anExpiryNamesEveryBackupThatGoesAndAsksOnlyWhomTheRunbookNames() {
        state.expiry = Examples.expiry(Examples.OLDER);
        Plan plan = Examples.compile(
                state.observed(), "scenario: expire", "policy: {daily: 7}", "approval: {role: dba, expires: 1h}");
        assertThat(Objects.requireNonNull(plan.expire()).named())
                .containsExactly(Examples.OLDER, "01KAJ0000000000000000000DD");
        assertThat(plan.approval()).isEqualTo(new Plan.ApprovalNeeded("dba", 3600));
        assertThat(plan.step(StepType.STORE_EXPIRE)).isPresent();
    }

    @Test
    @DisplayName("The largest expiry that one run may be fits a plan")
    void theLargestExpiry() {
        Instant time = Instant.parse("2026-01-02T03:04:05.678901Z");
        List<String> ids = IntStream.range(0, ExpiryObservation.MOST)
                .mapToObj(number -> String.format(Locale.ROOT, "01KAJ0%020d", number))
                .toList();
        state.expiry = new ExpiryObservation(
                ids.stream()
                        .map(id -> new ExpiryObservation.Going(
                                id,
                                "incremental",
                                time,
                                "no rule wants it at an age of 123 d 23 h, and its mark has ended",
                                12_345_678_901_234L,
                                12_345_678_901_234L))
                        .toList(),
                ids.stream()
                        .map(id -> new ExpiryObservation.Cleaned("Z" + id.substring(1), "LEFTOVER", 12_345_678_901L))
                        .toList(),
                ids.stream()
                        .limit(ExpiryObservation.MOST_STAYING)
                        .map(id -> new ExpiryObservation.Staying(
                                "Y" + id.substring(1),
                                "incremental",
                                time,
                                "NEWEST, LAST, WITHIN, HOURLY, DAILY, WEEKLY"))
                        .toList(),
                9_999,
                List.of(ids.get(0)));
        Plan plan = Examples.compile(state.observed(), "scenario: expire", "policy: {daily: 7}", "atMost: 500");
        assertThat(StoredPlan.of(plan).json().length()).isLessThan(StoredPlan.LARGEST * 9 / 10);
    }

    @Test
    void moreThanTheRunbookLetsGoIsRefused() {
        state.expiry = Examples.expiry(Examples.OLDER, Examples.NEWER);
        assertThatThrownBy(
                        () -> Examples.compile(state.observed(), "scenario: expire", "policy: {daily: 7}", "atMost: 1"))
                .isInstanceOfSatisfying(
                        RunbookException.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::code)
                                .containsExactly("EXPIRY_TOO_LARGE"));
    }

    @Test
    void anApprovedExpiryIsAskedForAgainWhenMoreWouldGoAndNotWhenLessWould() {
        state.expiry = Examples.expiry(Examples.OLDER);
        Plan plan = Examples.compileShipped("expire", state.observed());
        state.expiry = Examples.expiry();
        assertThat(PlanBounds.changedBeyond(plan, state.observed())).isEmpty();
        state.expiry = Examples.expiry(Examples.OLDER, Examples.NEWER);
        assertThat(PlanBounds.changedBeyond(plan, state.observed()))
                .singleElement()
                .satisfies(difference -> {
                    assertThat(difference.code()).isEqualTo("CHANGED_EXPIRY");
                    assertThat(difference.message()).contains(Examples.NEWER).doesNotContain(Examples.OLDER);
                });
    }

    @Test
    void aBackupSaysWhatItMayTakeAndHowLongItIsKept() {
        Plan plan = Examples.compile(
                state.observed(),
                "scenario: backup",
                "kind: differential",
                "throttle: 50MB",
                "wait: 10m",
                "keep: {why: before the migration, for: 90d}");
        assertThat(plan.taking())
                .isEqualTo(new Taking(50_000_000L, 600L, new Taking.Mark("before the migration", 90 * 24 * 3600L)));
        assertThat(PlanText.render(StoredPlan.of(plan)))
                .contains(
                        "reads at most 50 MB a second",
                        "waits up to 10 min for another backup",
                        "for 90 d: before the migration",
                        "differential");
    }

    @Test
    void anIncrementalBackupWithoutAnEarlierOneIsPlannedAndSaysThatItWillBeFull() {
        state.backups.clear();
        assertThat(Examples.compileShipped("backup-incremental", state.observed())
                        .warnings())
                .singleElement()
                .asString()
                .contains("a full one is taken");
    }
}
