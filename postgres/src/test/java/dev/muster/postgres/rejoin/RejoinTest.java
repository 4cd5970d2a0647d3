package dev.muster.postgres.rejoin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.rejoin.Ancestry.Relation;
import dev.muster.postgres.rejoin.DivergentTransaction.Change;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.walscan.DirectoryFiles;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class RejoinTest {
    private static final List<String> TABLES = List.of("orders", "shop.items", "on_new");

    /** A worker that is killed when a phase is on disk. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @TempDir
    Path folder;

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    private static Consumer<RejoinPhase> killedAt(RejoinPhase phase) {
        return reached -> {
            if (reached == phase) {
                throw new Killed();
            }
        };
    }

    /** @return xids of what is committed, in order */
    private static List<Long> divergentWork(FailedOver failover) throws Exception {
        List<Long> committed = new ArrayList<>();
        try (Connection connection = failover.old().connect();
                Connection open = failover.old().connect();
                Statement statement = connection.createStatement();
                Statement left = open.createStatement()) {
            connection.setAutoCommit(false);
            open.setAutoCommit(false);
            left.execute("insert into orders values (9999, 'never committed')");
            committed.add(xid(statement));
            statement.execute("insert into orders select g, 'lost' from generate_series(1001, 1010) g");
            statement.execute("update shop.items set n = -n where n <= 3");
            statement.execute("delete from orders where n <= 2");
            connection.commit();
            committed.add(xid(statement));
            statement.execute("create table made (n int)");
            statement.execute("alter table shop.items rename to things");
            connection.commit();
            committed.add(xid(statement));
            statement.execute("insert into made select generate_series(1, 20000)");
            connection.commit();
            xid(statement);
            statement.execute("insert into made values (-1)");
            connection.rollback();
            xid(statement);
            statement.execute("insert into orders values (7777, 'prepared')");
            statement.execute("prepare transaction 'left over'");
            connection.commit();
            committed.add(xid(statement));
            statement.execute("savepoint s");
            statement.execute("delete from shop.things where n > 195");
            statement.execute("release savepoint s");
            connection.commit();
            committed.add(xid(statement));
            statement.execute("drop table made");
            connection.commit();
            failover.crashOld();
        } catch (java.sql.SQLException e) {
            // The connections end with the server.
            if (failover.old().server().processId().isPresent()) {
                throw e;
            }
        }
        return committed;
    }

    private static long xid(Statement statement) throws Exception {
        try (var rows = statement.executeQuery("select txid_current()")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    @DisplayName(
            "Rejoin only after the timeline's ancestry is checked; divergent writes are saved before a rewind; a data"
                    + " directory is never wiped without approval (Failover 9)")
    void anOldPrimaryIsSalvagedApprovedAndRejoinsAlthoughItsWorkerIsKilledBetweenAllSteps() throws Exception {
        try (FailedOver failover = FailedOver.beforePromotion(folder)) {
            List<Long> committed = divergentWork(failover);
            failover.promote();
            Path then = folder.resolve("then");
            failover.source.restore(failover.backup, then).run(Progress.NONE);
            Optional<NameBase> names = Optional.of(new NameBase(
                    new DirectoryFiles(RecoveryServer.dataDirectory(then)),
                    failover.backup.summary().start()));
            Rejoin rejoin = failover.rejoin(TestCluster.installation(), Optional.empty(), names);
            Ancestry shown = rejoin.examine();
            assertThat(shown.relation()).as(shown.why()).isEqualTo(Relation.DIVERGED);
            assertThat(shown.doubts()).isEmpty();
            assertThat(code(() -> rejoin.run(Optional.empty(), phase -> {}, Progress.NONE)))
                    .isEqualTo("REJOIN_NOT_APPROVED");
            assertSalvaged(failover, committed, shown);

            RejoinApproval other = new RejoinApproval(
                    shown.directory(),
                    shown.systemId(),
                    shown.divergence()
                            .map(range -> new DivergentRange(
                                    1, range.from(), new Lsn(range.to().value() - 8))));
            assertThat(code(() -> rejoin.run(Optional.of(other), phase -> {}, Progress.NONE)))
                    .isEqualTo("REJOIN_APPROVAL_STALE");
            assertThat(AncestryCheck.of(
                            TestCluster.installation(), failover.old().data(), failover.primary(), Optional.empty()))
                    .as("untouched")
                    .isEqualTo(shown);

            Optional<RejoinApproval> approval = Optional.of(RejoinApproval.of(shown));
            for (RejoinPhase phase : RejoinPhase.values()) {
                assertThatThrownBy(() -> failover.rejoin(TestCluster.installation(), Optional.empty(), names)
                                .run(approval, killedAt(phase), Progress.NONE))
                        .as("%s", phase)
                        .isInstanceOf(Killed.class);
            }
            RejoinResult result = failover.rejoin().run(approval, phase -> {}, Progress.NONE);
            assertThat(result.method()).isEqualTo(RejoinMethod.DELTA_RESTORE);
            assertThat(result.backup()).contains(failover.backup.backupId());
            assertThat(result.timeline()).isEqualTo(2);
            assertThat(failover.salvages().list()).hasSize(1);
            assertSameContent(failover);
            assertThat(failover.old().value("show restore_command")).isEmpty();
        }
    }

    private static void assertSalvaged(FailedOver failover, List<Long> committed, Ancestry shown) {
        assertThat(failover.salvages().list()).hasSize(1);
        Salvaged salvaged = failover.salvages().list().get(0);
        assertThat(salvaged.range()).isEqualTo(shown.divergence().orElseThrow());
        SalvageReport report = failover.salvages().show(salvaged.id());
        assertThat(report.transactions()).extracting(DivergentTransaction::xid).isEqualTo(committed);
        assertThat(report.doubts()).isEmpty();
        assertThat(report.rolledBack()).isEqualTo(1);
        List<List<Change>> changes = report.transactions().stream()
                .map(DivergentTransaction::relations)
                .toList();
        assertThat(changes.get(0))
                .containsExactlyInAnyOrder(
                        new Change("postgres.public.orders", "kept", 10, 0, 2, 0),
                        new Change("postgres.shop.items", "kept", 0, 3, 0, 0));
        assertThat(report.transactions().get(1).changesCatalogues()).isTrue();
        assertThat(changes.get(1)).isEmpty();
        assertThat(changes.get(2)).containsExactly(new Change("postgres.public.made", "kept", 20000, 0, 0, 0));
        assertThat(changes.get(3)).containsExactly(new Change("postgres.shop.things", "kept", 0, 0, 5, 0));
        assertThat(changes.get(4)).containsExactly(new Change("postgres.public.made", "dropped", 0, 0, 0, 0));
        assertThat(report.unfinished())
                .extracting(SalvageReport.Unfinished::preparedName)
                .containsExactlyInAnyOrder("", "left over");
    }

    private static void assertSameContent(FailedOver failover) throws Exception {
        for (String table : TABLES) {
            String content = "select count(*) || md5(string_agg(t::text, ',' order by n)) from " + table + " t";
            String expected = BackedUpCluster.value(failover.standby, content);
            await().atMost(BackedUpCluster.LIMIT)
                    .untilAsserted(() ->
                            assertThat(failover.old().value(content)).as(table).isEqualTo(expected));
        }
        failover.onNew("insert into on_new values (2)");
        await().atMost(BackedUpCluster.LIMIT)
                .until(() -> failover.old().value("select count(*) from on_new").equals("2"));
        assertThat(failover.old().value("select count(*) from pg_prepared_xacts"))
                .isEqualTo("0");
    }

    @Test
    @DisplayName(
            "A zombie cannot act: what an old primary wrote after the salvage is salvaged too, and asked about again"
                    + " (Failover 15)")
    void anOldPrimaryThatWasStartedByHandIsSalvagedAgainAndOneThatWasPromotedIsRefused() throws Exception {
        try (FailedOver failover = FailedOver.beforePromotion(folder)) {
            failover.old().execute("insert into orders values (2001, 'lost')");
            failover.crashOld();
            failover.promote();
            Optional<RejoinApproval> approval =
                    Optional.of(RejoinApproval.of(failover.rejoin().examine()));
            assertThatThrownBy(() -> failover.rejoin().run(approval, killedAt(RejoinPhase.CHANGING), Progress.NONE))
                    .isInstanceOf(Killed.class);
            failover.old().server().start(TestCluster.LIMIT);
            assertThat(code(() -> failover.rejoin().run(approval, phase -> {}, Progress.NONE)))
                    .isEqualTo("TARGET_IN_USE");
            failover.old().execute("insert into orders values (2002, 'lost too')");
            failover.crashOld();
            assertThat(code(() -> failover.rejoin().run(approval, phase -> {}, Progress.NONE)))
                    .isEqualTo("REJOIN_APPROVAL_STALE");
            assertThat(failover.salvages().list()).hasSize(2);
            assertThat(failover.salvages()
                            .show(failover.salvages().list().get(1).id())
                            .transactions())
                    .hasSize(2)
                    .allSatisfy(one -> assertThat(one.relations())
                            .containsExactly(new Change("postgres.public.orders", "kept", 1, 0, 0, 0)));

            Files.writeString(failover.old().data().resolve("standby.signal"), "");
            failover.old().server().start(TestCluster.LIMIT);
            failover.old().value("select pg_promote()");
            failover.crashOld();
            Ancestry promoted = failover.ancestry();
            assertThat(promoted.relation()).isEqualTo(Relation.PROMOTED_ELSEWHERE);
            assertThat(code(() -> failover.rejoin().run(approval, phase -> {}, Progress.NONE)))
                    .isEqualTo("REJOIN_OTHER_TIMELINE");
        }
    }

    @Test
    void anOldPrimaryThatIsOnlyBehindFollowsWithoutSalvageAndApproval() throws Exception {
        try (FailedOver failover = FailedOver.beforePromotion(folder)) {
            failover.crashOld();
            failover.promote();
            assertThat(failover.ancestry().relation()).isEqualTo(Relation.BEHIND);
            RejoinResult result = failover.rejoin().run(Optional.empty(), phase -> {}, Progress.NONE);
            assertThat(result.method()).isEqualTo(RejoinMethod.FOLLOW);
            assertThat(result.salvage()).isEmpty();
            assertThat(failover.salvages().list()).isEmpty();
            assertSameContent(failover);
        }
    }

    @Test
    void aDataDirectoryThatWasNeverOnTheNewPrimarysHistoryIsRefused() throws Exception {
        try (TestCluster primary = TestCluster.start(folder.resolve("primary"), 1);
                TestCluster twin = TestCluster.start(folder.resolve("twin"), 1);
                TestCluster stranger = TestCluster.startAnother(folder.resolve("stranger"), 1)) {
            primary.execute("create table t as select generate_series(1, 100) as n");
            twin.execute("create table u as select generate_series(1, 50) as n");
            NewPrimary place = new NewPrimary(primary.address(), primary.dataSource(), java.time.Clock.systemUTC());
            for (TestCluster other : List.of(twin, stranger)) {
                other.server().stop(TestCluster.LIMIT);
                Ancestry ancestry = AncestryCheck.of(TestCluster.installation(), other.data(), place, Optional.empty());
                assertThat(ancestry.relation()).as(ancestry.why()).isEqualTo(Relation.UNRELATED);
                assertThat(code(ancestry::requireJoinable)).isEqualTo("REJOIN_UNRELATED");
            }
        }
    }
}
