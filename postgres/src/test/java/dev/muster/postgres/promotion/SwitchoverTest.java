package dev.muster.postgres.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.promotion.Demotion.Demoted;
import dev.muster.postgres.promotion.Promotion.Goal;
import dev.muster.postgres.promotion.Promotion.Promoted;
import dev.muster.postgres.standby.MemberServer;
import dev.muster.postgres.standby.Replay;
import dev.muster.postgres.standby.ReplicatedCluster;
import dev.muster.postgres.standby.StoreWal;
import dev.muster.postgres.standby.UpstreamSlot;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class SwitchoverTest {
    private static final Duration LIMIT = ReplicatedCluster.LIMIT;
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    Path folder;

    private ReplicatedCluster cluster;
    private BackupResult backup;

    @BeforeEach
    void start() throws Exception {
        cluster = ReplicatedCluster.start(folder);
        cluster.execute("a", "create table written (n bigint primary key)");
        backup = cluster.source().backup();
        cluster.plan("b");
        cluster.setUp(backup, "b", "a", Progress.NONE);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    private Demotion demotion(String member) {
        return new Demotion(cluster.member(member), "run", CLOCK);
    }

    private Promotion promotion(String member) {
        return new Promotion(cluster.member(member), CLOCK);
    }

    private Rejoin rejoin(String member, String upstream) {
        return new Rejoin(cluster.member(member), cluster.following(member, upstream), CLOCK);
    }

    /** Each step twice, as after a kill between the step and its reply. */
    private Duration switchOver(String from, String to) {
        UpstreamSlot slot = new UpstreamSlot(cluster.member(to).place(), "muster_" + from, from);
        slot.ensure();
        slot.ensure();
        Demoted demoted = demotion(from).run(LIMIT);
        assertThat(demotion(from).run(LIMIT).last()).isEqualTo(demoted.last());
        Goal goal = Goal.of(demoted);
        assertThat(promotion(to).reach(goal, Optional.empty(), LIMIT)).isEqualTo(demoted.position());
        assertThat(promotion(to).reach(goal, Optional.empty(), LIMIT)).isEqualTo(demoted.position());
        Promoted promoted = promotion(to).promote(goal, LIMIT);
        assertThat(promoted.left()).isEqualTo(demoted.position());
        Promoted again = promotion(to).promote(goal, LIMIT);
        assertThat(again.timeline()).isEqualTo(promoted.timeline());
        assertThat(promotion(to).reach(goal, Optional.empty(), LIMIT)).isEqualTo(demoted.position());
        rejoin(from, to).run(cluster.member(to).place(), LIMIT);
        rejoin(from, to).run(cluster.member(to).place(), LIMIT);
        return new SwitchoverGap(
                        demoted.stopBegan().orElseThrow(), promoted.writableAt().orElseThrow())
                .length();
    }

    /** A step that is cut off in its middle: whether it ends or not is not known. */
    private static void cutOff(Runnable step, java.util.concurrent.Callable<Boolean> when) throws Exception {
        Thread worker = new Thread(() -> code(step), "cut-off");
        worker.start();
        org.awaitility.Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(when);
        worker.interrupt();
        worker.join();
    }

    @Test
    @DisplayName("A switchover there and back under a writer loses no acknowledged commit, at no sampled moment two"
            + " members take writes, and each step may be repeated (Failover 8)")
    void thereAndBack() throws Exception {
        List<Duration> gaps = new java.util.ArrayList<>();
        Clients clients = new Clients(cluster, "a", "b");
        try (clients) {
            clients.awaitWrites(50);
            gaps.add(switchOver("a", "b"));
            clients.awaitWrites(50);
            gaps.add(switchOver("b", "a"));
            clients.awaitWrites(50);
        }
        assertThat(clients.momentsWithTwo()).isZero();
        assertThat(clients.samples()).isGreaterThan(20);
        assertThat(cluster.value("a", "select count(*) from written where n in (" + clients.acknowledged() + ")"))
                .isEqualTo(Integer.toString(clients.count()));
        assertThat(cluster.observe("a").timeline()).isEqualTo(3);
        assertThat(gaps).allSatisfy(gap -> assertThat(gap).isBetween(Duration.ofMillis(1), Duration.ofSeconds(20)));
    }

    @Test
    @DisplayName("A demoted primary that anybody starts is a standby; the undo makes it the primary again, unless it is"
            + " fenced or the target may be promoted (Failover 8, 11)")
    void theUndoNeverLiftsAFence() throws Exception {
        MemberServer a = cluster.member("a");
        Demoted demoted = demotion("a").run(LIMIT);
        a.server().start(LIMIT);
        assertThat(cluster.value("a", "select pg_is_in_recovery()")).isEqualTo("t");
        assertThat(demotion("a").run(LIMIT).last()).isEqualTo(demoted.last());
        assertThat(code(() -> demotion("a").undo(() -> true, () -> false, LIMIT)))
                .isEqualTo("PRIMARY_FENCED");
        assertThat(code(() -> demotion("a").undo(() -> false, () -> true, LIMIT)))
                .isEqualTo("PROMOTION_BEGUN");
        assertThat(a.runs()).isFalse();
        demotion("a").undo(() -> false, () -> false, LIMIT);
        demotion("a").undo(() -> false, () -> false, LIMIT);
        cluster.execute("a", "insert into written values (1)");
        assertThat(cluster.observe("a").timeline()).isEqualTo(1);
        Replay.await(cluster.member("b"), Lsn.parse(cluster.value("a", "select pg_current_wal_flush_lsn()")), LIMIT);
        assertThat(code(() -> demotion("b").run(LIMIT))).isEqualTo("NOT_PRIMARY");
        cluster.member("b").server().stop(LIMIT);
        assertThat(code(() -> demotion("b").run(LIMIT))).isEqualTo("NOT_PRIMARY");
    }

    @Test
    @DisplayName("A target that does not stream gets the last WAL from the store before it is promoted, and is refused"
            + " without it; steps that are cut off in their middle go on (Failover 5, 8)")
    void theStoreBringsTheLastWal() throws Exception {
        MemberServer b = cluster.member("b");
        b.configuration().change(java.util.Set.of("primary_conninfo"), Map.of());
        b.reload();
        org.awaitility.Awaitility.await()
                .atMost(LIMIT)
                .until(() -> cluster.observe("b").receiver().isEmpty());
        cluster.execute("a", "insert into written select g from generate_series(1, 20000) g");
        cluster.source().settle();
        cutOff(
                () -> demotion("a").run(LIMIT),
                () -> cluster.member("a").configuration().signalsStandby());
        Demoted demoted = demotion("a").run(LIMIT);
        Goal goal = Goal.of(demoted);
        assertThat(code(() -> promotion("b").promote(goal, LIMIT))).isEqualTo("REPLAY_BEHIND");
        WalArchive archive = cluster.source().archive(backup);
        try (StoreWal store = StoreWal.open(b, archive, 1, cluster.spool("b"))) {
            org.awaitility.Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> !store.reach(demoted.last().at()).isBefore(demoted.position()));
            promotion("b").replayStore(store, LIMIT);
            promotion("b").reach(goal, Optional.of(store), LIMIT);
            cutOff(() -> promotion("b").promote(goal, LIMIT), () -> true);
            promotion("b").promote(goal, LIMIT);
        }
        assertThat(cluster.value("b", "select count(*) from written")).isEqualTo("20000");
        cutOff(
                () -> rejoin("a", "b").run(cluster.member("b").place(), LIMIT),
                () -> cluster.member("a").runs());
        rejoin("a", "b").run(cluster.member("b").place(), LIMIT);
        assertThat(cluster.observe("a").timeline()).isEqualTo(2);
    }

    @Test
    @DisplayName("A member that wrote after its successor left is refused, not rewound (Failover 9)")
    void divergedWalIsRefused() throws Exception {
        cluster.member("b").requestPromotion();
        org.awaitility.Awaitility.await()
                .atMost(LIMIT)
                .until(() -> cluster.value("b", "select pg_is_in_recovery()").equals("f"));
        cluster.execute("a", "insert into written values (1)");
        assertThat(code(() -> rejoin("a", "b").run(cluster.member("b").place(), LIMIT)))
                .isEqualTo("MEMBER_TAKES_WRITES");
        cluster.member("a").server().stop(LIMIT);
        assertThat(code(() -> rejoin("a", "b").run(cluster.member("b").place(), LIMIT)))
                .isEqualTo("WAL_DIVERGED");
        assertThat(cluster.member("a").configuration().signalsStandby()).isFalse();
    }
}
