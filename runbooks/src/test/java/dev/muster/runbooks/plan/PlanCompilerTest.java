package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.Phase;
import dev.muster.runbooks.steps.StepType;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is planned in which state. */
class PlanCompilerTest {
    private static final String SCENARIO = "scenario: point-in-time-recovery";
    private static final String KEEP = "outcome: keep-copy";

    private final Examples.State state = Examples.state();

    @Test
    void theLastGoodPointIsThePositionOfTheCommitExclusive() {
        Plan plan = Examples.compileShipped("point-in-time-recovery", state.observed());
        Plan.ResolvedTarget target = Objects.requireNonNull(plan.target());
        assertThat(target.point()).isEqualTo(new RecoveryPoint.Position(WalPosition.parse("0/5000100"), false));
        assertThat(target.destructive()).isEqualTo(Examples.DELETE);
        assertThat(plan.bounds().walEndAtLeast()).isEqualTo(Examples.DELETE.commitEnd());
        assertThat(plan.forecast().faultAt()).isEqualTo(Examples.DELETE.commitTime());
        assertThat(plan.approval()).isEqualTo(new Plan.ApprovalNeeded("approver", 1800));
        assertThat(plan.changesSystem()).isTrue();
        assertThat(plan.promised()).isEqualTo(new Plan.Promise(1200, 300));
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void thePhasesStandInTheScenariosOrderAndEachStepOnItsHostsQueue() {
        Plan plan = Examples.compileShipped("point-in-time-recovery", state.observed());
        assertThat(plan.phases())
                .extracting(Plan.PlannedPhase::phase)
                .containsExactly(Phase.RESTORE, Phase.REPLAY, Phase.VERIFY, Phase.OUTCOME, Phase.CLEANUP);
        assertThat(plan.steps())
                .extracting(Plan.PlannedStep::id)
                .containsExactly(
                        "restore",
                        "replay",
                        "page-checksums",
                        "amcheck",
                        "check-every-payment-has-an-order",
                        "check-ledger",
                        "canary",
                        "return-rows",
                        "remove-copy");
        assertThat(plan.steps()).allSatisfy(step -> assertThat(step.queue()).isEqualTo("host-db1"));
    }

    @Test
    void aKeptCopyIsNotRemovedAndTheLiveDatabaseMayBeDown() {
        state.live = null;
        state.unreachableBecause = "connection refused";
        Plan plan = Examples.compile(state.observed(), SCENARIO, "target: {latest: true}", KEEP);
        assertThat(plan.step(StepType.POSTGRES_REMOVE_COPY)).isEmpty();
        assertThat(plan.step(StepType.POSTGRES_RETURN_ROWS)).isEmpty();
        assertThat(Objects.requireNonNull(plan.copy()).afterwards()).isEqualTo(Runbook.Afterwards.KEEP);
        assertThat(plan.bounds().liveReachable()).isFalse();
        assertThat(plan.warnings()).anySatisfy(warning -> assertThat(warning).contains("connection refused"));
        assertThat(plan.warnings()).anySatisfy(warning -> assertThat(warning).contains("not checked"));
    }

    @Test
    void aRestoreTestNeedsNoApprovalAndAlwaysRemovesItsCopy() {
        Plan plan = Examples.compileShipped("restore-test", state.observed());
        assertThat(plan.approval()).isNull();
        assertThat(plan.changesSystem()).isFalse();
        assertThat(Objects.requireNonNull(plan.copy()).afterFailure()).isEqualTo(Runbook.Afterwards.REMOVE);
        assertThat(Objects.requireNonNull(plan.target()).point()).isEqualTo(new RecoveryPoint.Latest());
        assertThat(plan.copyLacks()).satisfies(lacks -> {
            assertThat(Objects.requireNonNull(lacks).leastSeconds()).isZero();
            assertThat(lacks.mostSeconds()).isEqualTo(2);
            assertThat(lacks.bytes()).isEqualTo(0x200);
        });
    }

    @Test
    void aBackupNeedsALiveDatabase() {
        assertThat(Examples.compileShipped("backup", state.observed()).takes()).isEqualTo(Runbook.Backup.Kind.FULL);
        state.live = null;
        refused("LIVE_UNREACHABLE", "backup");
    }

    @Test
    void theNewestBackupThatEndsBeforeTheTargetIsChosen() {
        assertThat(chosen("target: {lsn: 0/5000000}")).isEqualTo(Examples.NEWER);
        assertThat(chosen("target: {lsn: 0/4000100}")).isEqualTo(Examples.NEWER);
        assertThat(chosen("target: {lsn: 0/40000FF}")).isEqualTo(Examples.OLDER);
        assertThat(chosen("target: {time: 2026-11-21T02:00:29Z}")).isEqualTo(Examples.OLDER);
        assertThat(chosen("target: {time: 2026-11-21T02:00:30Z}")).isEqualTo(Examples.NEWER);
        assertThat(chosen("target: {latest: true}")).isEqualTo(Examples.NEWER);
    }

    @Test
    void aTargetBeforeTheEndOfTheOldestBackupIsRefused() {
        refused("TARGET_BEFORE_BACKUP", SCENARIO, "target: {lsn: 0/20000FF}", KEEP);
        refused("TARGET_BEFORE_BACKUP", SCENARIO, "target: {time: 2026-11-19T00:00:00Z}", KEEP);
        refused("TARGET_BEFORE_BACKUP", SCENARIO, "backup: " + Examples.NEWER, "target: {lsn: 0/3000000}", KEEP);
    }

    @Test
    void aTargetThatTheStoredWalDoesNotReachIsRefusedWithTheLastPointThatCanBeReached() {
        RunbookException thrown = refused("TARGET_NOT_REACHABLE", SCENARIO, "target: {lsn: 0/6000001}", KEEP);
        assertThat(thrown).hasMessageContaining("0/6000000");
        refused("TARGET_NOT_REACHABLE", SCENARIO, "target: {time: 2026-11-21T09:29:59Z}", KEEP);
        refused("TARGET_IN_FUTURE", SCENARIO, "target: {time: 2026-11-21T09:30:01Z}", KEEP);
    }

    @Test
    void aGapInTheWalSendsTheChoiceToNoOlderBackupThatWouldHaveToCrossIt() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/3000000"), Examples.range(1, "0/3800000", "0/6000000"));
        assertThat(chosen("target: {lsn: 0/5000000}")).isEqualTo(Examples.NEWER);
        refused("TARGET_NOT_REACHABLE", SCENARIO, "target: {lsn: 0/3900000}", KEEP);
        assertThat(chosen("target: {lsn: 0/3000000}")).isEqualTo(Examples.OLDER);
    }

    @Test
    void aBackupThatTheWalDoesNotMakeConsistentIsPassedOver() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/4000050"));
        assertThat(chosen("target: {latest: true}")).isEqualTo(Examples.OLDER);
    }

    @Test
    void recoveryFollowsTimelinesThroughTheirHistory() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/5000000"), Examples.range(2, "0/5000000", "0/7000000"));
        state.timelines = List.of(new RepositoryObservation.TimelineSwitch(2, 1, WalPosition.parse("0/5000000")));
        Plan plan = Examples.compile(state.observed(), SCENARIO, "target: {lsn: 0/6000000}", KEEP);
        assertThat(Objects.requireNonNull(plan.target()).timeline()).isEqualTo(2);
        assertThat(plan.bounds().walTimeline()).isEqualTo(2);
        assertThat(plan.warnings()).anySatisfy(warning -> assertThat(warning).contains("timeline 1, the copy"));
    }

    @Test
    void aBackupOfATimelineThatPartedBeforeItsEndIsNotUsed() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/5000000"), Examples.range(2, "0/3000000", "0/7000000"));
        state.timelines = List.of(new RepositoryObservation.TimelineSwitch(2, 1, WalPosition.parse("0/3000000")));
        assertThat(chosen("target: {lsn: 0/6000000}")).isEqualTo(Examples.OLDER);
        refused("TIMELINE_NOT_ANCESTOR", SCENARIO, "backup: " + Examples.NEWER, "target: {lsn: 0/6000000}", KEEP);
        state.timelines = List.of();
        refused("TIMELINE_NOT_ANCESTOR", SCENARIO, "target: {lsn: 0/6000000}", KEEP);
    }

    @Test
    void timelinesThatClaimToDescendFromEachOtherEndTheSearch() {
        state.wal = List.of(Examples.range(3, "0/1000000", "0/7000000"));
        state.timelines = List.of(
                new RepositoryObservation.TimelineSwitch(3, 2, WalPosition.parse("0/5000000")),
                new RepositoryObservation.TimelineSwitch(2, 3, WalPosition.parse("0/5000000")));
        refused("TIMELINE_NOT_ANCESTOR", SCENARIO, "target: {lsn: 0/6000000}", KEEP);
    }

    @Test
    void withoutADestructiveTransactionThereIsNoLastGoodPoint() {
        state.destructive = List.of();
        refused("LAST_GOOD_POINT_NOT_FOUND", "point-in-time-recovery");
    }

    @Test
    void severalDestructiveTransactionsAreAskedAboutAndAFilterAnswers() {
        state.destructive = List.of(Examples.DELETE, Examples.destroyed(802, "0/5500000", "2026-11-21T09:25:00Z"));
        RunbookException thrown = refused("LAST_GOOD_POINT_AMBIGUOUS", "point-in-time-recovery");
        assertThat(thrown).hasMessageContaining("771").hasMessageContaining("802");
        String outcome = "outcome: return-rows";
        for (String filter : List.of("xid: 771", "before: 2026-11-21T09:25:00Z")) {
            Plan plan =
                    Examples.compile(state.observed(), SCENARIO, "target: {lastGoodPoint: {" + filter + "}}", outcome);
            assertThat(Objects.requireNonNull(plan.target()).destructive()).isEqualTo(Examples.DELETE);
            assertThat(plan.otherDestructive()).isOne();
            assertThat(plan.warnings())
                    .anySatisfy(warning -> assertThat(warning).contains("leaves aside: 1"));
        }
        Plan later = Examples.compile(
                state.observed(), SCENARIO, "target: {lastGoodPoint: {after: 2026-11-21T09:25:00Z}}", outcome);
        assertThat(Objects.requireNonNull(Objects.requireNonNull(later.target()).destructive())
                        .xid())
                .isEqualTo(802);
        refused("LAST_GOOD_POINT_NOT_FOUND", SCENARIO, "target: {lastGoodPoint: {xid: 900}}", outcome);
    }

    @Test
    void aTransactionOrNameWhosePlaceIsNotKnownIsPlannedWithAWarning() {
        Plan plan = Examples.compile(state.observed(), SCENARIO, "target: {name: before-release}", KEEP);
        assertThat(plan.warnings()).anySatisfy(warning -> assertThat(warning).contains("'before-release'"));
        state.targetPosition = WalPosition.parse("0/3000000");
        Plan located = Examples.compile(state.observed(), SCENARIO, "target: {name: before-release}", KEEP);
        assertThat(Objects.requireNonNull(located.backup()).id()).isEqualTo(Examples.OLDER);
    }

    @Test
    void noBackupAnotherClustersBackupAndAnUnknownBackupAreRefused() {
        refused("BACKUP_NOT_FOUND", SCENARIO, "backup: 01KAJ0000000000000000000ZZ", "target: {latest: true}", KEEP);
        state.live = new DatabaseObservation.Live(
                180006, "1", 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, false);
        refused("OTHER_CLUSTER", "point-in-time-recovery");
        state.backups = List.of();
        refused("NO_BACKUP", "restore-test");
    }

    @Test
    void aCopyWithoutRoomOrInAUsedPlaceIsRefused() {
        state.space = new DatabaseObservation.CopySpace("/copies", 2_000_000_000L, "");
        refused("COPY_SPACE_TOO_SMALL", "restore-test");
        state.space = new DatabaseObservation.CopySpace("/copies", 50_000_000_000L, "it is not empty");
        refused("COPY_PLACE_UNUSABLE", "restore-test");
        state.space = null;
        refused("COPY_PLACE_UNKNOWN", "restore-test");
    }

    @Test
    void rowsAreNotReturnedToADatabaseThatTakesNoWrites() {
        state.live = new DatabaseObservation.Live(
                180006, "7512345678901234567", 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, true);
        refused("LIVE_IN_RECOVERY", "point-in-time-recovery");
    }

    @Test
    void allProblemsOfAStateAreToldTogether() {
        state.live = null;
        state.space = null;
        state.backups = List.of();
        RunbookException thrown = refused(PlanCompiler.REFUSED, "point-in-time-recovery");
        assertThat(thrown.problems())
                .extracting(Problem::code)
                .containsExactly("LIVE_UNREACHABLE", "COPY_PLACE_UNKNOWN", "NO_BACKUP");
    }

    @Test
    void aForecastBeyondTheRtoIsAWarningAndMeasuredRatesReplaceAssumedOnes() {
        state.restoreBytesPerSecond = 1_000_000L;
        state.replayBytesPerSecond = 1_000_000L;
        Plan plan = Examples.compileShipped("restore-test", state.observed());
        assertThat(plan.forecast().measured()).isTrue();
        assertThat(plan.forecast().seconds()).isBetween(1900L, 2200L);
        assertThat(plan.warnings()).anySatisfy(warning -> assertThat(warning).contains("RTO of 20 min"));
    }

    @Test
    void theSameInputGivesTheSameBytes() {
        String first = StoredPlan.of(Examples.compileShipped("restore-test", state.observed()))
                .hash();
        String second = StoredPlan.of(Examples.compileShipped("restore-test", state.observed()))
                .hash();
        assertThat(second).isEqualTo(first);
        state.walEndTime = Instant.parse("2026-11-21T09:29:57Z");
        assertThat(StoredPlan.of(Examples.compileShipped("restore-test", state.observed()))
                        .hash())
                .isNotEqualTo(first);
    }

    private String chosen(String target) {
        Plan plan = Examples.compile(state.observed(), SCENARIO, target, KEEP);
        return Objects.requireNonNull(plan.backup()).id();
    }

    /** @param spec a shipped runbook's name, or a runbook's spec */
    private RunbookException refused(String code, String... spec) {
        RunbookException[] caught = new RunbookException[1];
        assertThatThrownBy(() -> {
                    if (spec.length == 1) {
                        Examples.compileShipped(spec[0], state.observed());
                    } else {
                        Examples.compile(state.observed(), spec);
                    }
                })
                .isInstanceOf(RunbookException.class)
                .satisfies(thrown -> caught[0] = (RunbookException) thrown);
        assertThat(caught[0].code()).isEqualTo(code);
        assertThat(caught[0].hint()).isNotBlank();
        return caught[0];
    }
}
