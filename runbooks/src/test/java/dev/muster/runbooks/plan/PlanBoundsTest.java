package dev.muster.runbooks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which changes of the state void a plan, and which do not. */
class PlanBoundsTest {
    private final Plan plan =
            Examples.compileShipped("point-in-time-recovery", Examples.state().observed());
    private final Examples.State state = Examples.state();

    @Test
    void theSameStateHolds() {
        assertThat(codes()).isEmpty();
    }

    @Test
    void moreWalNewerBackupsAndAGrowingDatabaseDoNotMatter() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/9000000"));
        state.walEndTime = Instant.parse("2026-11-21T10:29:58Z");
        state.backups.add(
                Examples.backup("01KAJ0000000000000000000CC", 1, "0/7000028", "0/7000100", "2026-11-21T10:00:00Z"));
        state.backups.remove(0);
        live("7512345678901234567", 1, 180007, false, 3_000_000_000L);
        state.space = new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", 3_000_000_000L, "");
        assertThat(codes()).isEmpty();
    }

    @Test
    void aBackupThatExpiredOrChangedVoidsThePlan() {
        state.backups.remove(1);
        assertThat(codes()).containsExactly("CHANGED_BACKUP");
        state.backups.add(Examples.backup(Examples.NEWER, 1, "0/4000028", "0/4000200", "2026-11-21T02:00:00Z"));
        assertThat(codes()).containsExactly("CHANGED_BACKUP");
    }

    @Test
    void walThatIsGoneVoidsThePlan() {
        state.wal = List.of(Examples.range(1, "0/1000000", "0/5000000"));
        assertThat(codes()).containsExactly("CHANGED_WAL");
    }

    @Test
    void aPromotionVoidsThePlan() {
        live("7512345678901234567", 2, 180006, false, 2_000_000_000L);
        state.wal.add(Examples.range(2, "0/6000000", "0/6500000"));
        state.timelines.add(new RepositoryObservation.TimelineSwitch(2, 1, WalPosition.parse("0/6000000")));
        assertThat(codes()).containsExactly("CHANGED_LIVE_TIMELINE", "CHANGED_NEWEST_TIMELINE");
    }

    @Test
    void anotherClusterAnotherMajorVersionOrADeadOrReadOnlyDatabaseVoidsThePlan() {
        live("1", 1, 190000, true, 2_000_000_000L);
        assertThat(codes()).containsExactly("CHANGED_CLUSTER", "CHANGED_SERVER_VERSION", "CHANGED_LIVE_IN_RECOVERY");
        state.live = null;
        assertThat(codes()).containsExactly("CHANGED_LIVE_UNREACHABLE");
    }

    @Test
    void aFullDiskOrAUsedPlaceVoidsThePlan() {
        state.space = new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", 1_000L, "");
        assertThat(codes()).containsExactly("CHANGED_FREE_SPACE");
        state.space = new DatabaseObservation.CopySpace("/elsewhere", 50_000_000_000L, "it is not empty");
        assertThat(codes()).containsExactly("CHANGED_COPY_PLACE", "CHANGED_COPY_PLACE");
        state.space = null;
        assertThat(codes()).containsExactly("CHANGED_COPY_PLACE");
    }

    @Test
    void aSecondDestructiveTransactionVoidsThePlan() {
        state.destructive.add(Examples.destroyed(802, "0/5500000", "2026-11-21T09:31:00Z"));
        assertThat(codes()).containsExactly("CHANGED_LAST_GOOD_POINT");
        state.destructive.clear();
        assertThat(codes()).containsExactly("CHANGED_LAST_GOOD_POINT");
    }

    @Test
    void aRestoreTestHoldsWhileTheLiveDatabaseIsAway() {
        Plan test = Examples.compileShipped("restore-test", Examples.state().observed());
        state.live = null;
        assertThat(PlanBounds.changedBeyond(test, state.observed())).isEmpty();
    }

    @Test
    void aPlanThatWasReadBackIsComparedInTheSameWay() {
        StoredPlan stored = StoredPlan.of(plan);
        Plan read = StoredPlan.read(stored.bytes(), stored.hash()).plan();
        assertThat(PlanBounds.changedBeyond(read, state.observed())).isEmpty();
        state.backups.clear();
        assertThat(PlanBounds.changedBeyond(read, state.observed()))
                .singleElement()
                .satisfies(difference -> assertThat(difference.toString()).contains("[CHANGED_BACKUP]"));
    }

    private void live(String systemId, int timeline, int version, boolean inRecovery, long bytes) {
        state.live = new DatabaseObservation.Live(
                version, systemId, timeline, WalPosition.parse("0/8000000"), bytes, true, inRecovery);
    }

    private List<String> codes() {
        return PlanBounds.changedBeyond(plan, state.observed()).stream()
                .map(PlanBounds.Difference::code)
                .toList();
    }
}
