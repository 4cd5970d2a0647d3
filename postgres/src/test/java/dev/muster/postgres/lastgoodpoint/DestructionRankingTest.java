package dev.muster.postgres.lastgoodpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.NamesThen;
import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.RelationThen;
import dev.muster.postgres.walscan.RelationThen.Fate;
import dev.muster.postgres.walscan.RowCounts;
import dev.muster.postgres.walscan.ScanSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DestructionRankingTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final Suspects suspects = new Suspects(Hints.none());
    private long next = 1;
    private final List<RelationThen> relations = new ArrayList<>();

    private RelationFile table(String name, long estimatedRows, Fate fate) {
        RelationFile file = new RelationFile(1663, 5, 20000 + relations.size());
        relations.add(new RelationThen(
                file,
                "shop",
                "public",
                name,
                file.number(),
                'r',
                fate,
                0,
                estimatedRows < 0 ? OptionalLong.empty() : OptionalLong.of(estimatedRows)));
        return file;
    }

    private long transaction(Map<RelationFile, RowCounts> rows, RelationFile... removed) {
        long xid = next++;
        suspects.take(new CommittedTransaction(
                xid,
                List.of(),
                new Lsn(xid * 1000),
                new Lsn(xid * 1000 + 500),
                new Lsn(xid * 1000 + 600),
                new Lsn(xid * 1000 + 500),
                NOON.plusSeconds(xid),
                5,
                rows,
                List.of(removed),
                List.of(),
                "",
                false));
        return xid;
    }

    private static Map<RelationFile, RowCounts> deleted(RelationFile table, long rows) {
        return Map.of(table, new RowCounts(0, 0, rows, 0));
    }

    private List<Candidate> rank() {
        List<Suspects.Suspect> all = suspects.all();
        List<NamesThen> names = new ArrayList<>();
        for (Suspects.Suspect suspect : all) {
            Map<RelationFile, RelationThen> touched = new java.util.HashMap<>();
            for (RelationThen relation : relations) {
                if (suspect.transaction().rows().containsKey(relation.file())
                        || suspect.transaction().removedFiles().contains(relation.file())) {
                    touched.put(relation.file(), relation);
                }
            }
            names.add(new NamesThen(touched, Map.of(), List.of()));
        }
        return new DestructionRanking(suspects.statistics(), Hints.none()).rank(all, names);
    }

    @Test
    void aTransactionThatDeletesManyTimesWhatIsTypicalStandsOut() {
        RelationFile orders = table("orders", 1_000_000, Fate.KEPT);
        for (int i = 0; i < 200; i++) {
            transaction(deleted(orders, 3));
        }
        long attack = transaction(deleted(orders, 5000));
        assertThat(rank()).singleElement().satisfies(candidate -> {
            assertThat(candidate.xid()).isEqualTo(attack);
            assertThat(candidate.victims().get(0).typical()).isEqualTo(3);
            assertThat(candidate.victims().get(0).share().orElseThrow()).isEqualTo(0.005);
        });
    }

    @Test
    void regularPurgesOfTheSameSizeAreNormalHoweverLarge() {
        RelationFile events = table("events", 1_000_000, Fate.KEPT);
        for (int i = 0; i < 20; i++) {
            transaction(deleted(events, 10_000));
        }
        assertThat(rank()).isEmpty();
    }

    @Test
    void emptyingASmallTableCountsByItsShare() {
        RelationFile settings = table("settings", 6, Fate.KEPT);
        long attack = transaction(deleted(settings, 6));
        assertThat(rank()).singleElement().extracting(Candidate::xid).isEqualTo(attack);
    }

    @Test
    void anAttackInSeveralTransactionsIsProposedToBeUndoneFromItsFirst() {
        RelationFile orders = table("orders", 20_000, Fate.KEPT);
        RelationFile items = table("items", 30_000, Fate.KEPT);
        long first = transaction(deleted(orders, 19_000));
        long second = transaction(deleted(items, 30_000));
        LastGoodPointReport report = new LastGoodPointReport(
                rank(),
                2,
                0,
                new ScanSummary(
                        Lsn.INVALID,
                        Lsn.INVALID,
                        Optional.empty(),
                        0,
                        0,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()),
                List.of());
        assertThat(report.worst().orElseThrow().xid()).isEqualTo(second);
        assertThat(report.proposal().orElseThrow().xid()).isEqualTo(first);
    }

    @Test
    void aDroppedTableOfUnknownSizeCountsAndAnEmptyOneDoesNot() {
        RelationFile unknown = table("unknown", -1, Fate.DROPPED);
        RelationFile empty = table("empty", 0, Fate.TRUNCATED);
        RelationFile rewritten = table("rewritten", 1000, Fate.REWRITTEN);
        long drop = transaction(Map.of(), unknown);
        transaction(Map.of(), empty);
        transaction(Map.of(), rewritten);
        assertThat(rank()).singleElement().extracting(Candidate::xid).isEqualTo(drop);
    }

    @Test
    void aDeletionOutranksAMassUpdateOfTheSameSize() {
        RelationFile orders = table("orders", 10_000, Fate.KEPT);
        RelationFile items = table("items", 10_000, Fate.KEPT);
        long update = transaction(Map.of(orders, new RowCounts(0, 9000, 0, 0)));
        long delete = transaction(deleted(items, 9000));
        assertThat(rank()).extracting(Candidate::xid).containsExactly(delete, update);
    }
}
