package dev.muster.postgres.incremental;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.incremental.SummaryCoverage.Summary;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SAFETY "PostgreSQL recovery" 9, 10. */
class ChangedBlocksTest {
    private static Summary summary(long start, long end) {
        return new Summary(new Lsn(start), new Lsn(end));
    }

    @Test
    @DisplayName("Summaries that leave a gap, begin late or end early are not believed (PostgreSQL recovery 10)")
    void gapsAreFound() {
        Lsn from = new Lsn(150);
        Lsn to = new Lsn(400);
        assertThat(SummaryCoverage.gap(List.of(summary(200, 400), summary(100, 200)), from, to))
                .isEmpty();
        assertThat(SummaryCoverage.gap(List.of(summary(100, 200), summary(210, 400)), from, to))
                .contains(new Lsn(200));
        assertThat(SummaryCoverage.gap(List.of(summary(160, 400)), from, to)).contains(from);
        assertThat(SummaryCoverage.gap(List.of(summary(100, 399)), from, to)).contains(new Lsn(399));
        assertThat(SummaryCoverage.gap(List.of(summary(100, 500), summary(120, 130)), from, to))
                .isEmpty();
        assertThat(SummaryCoverage.gap(List.of(), from, to)).contains(from);
    }

    @Test
    @DisplayName("A set of blocks finds what was put into it, up to block numbers of 32 TiB")
    void aSetFindsItsBlocks() {
        Random random = new Random(7);
        BlockSet set = new BlockSet();
        BitSet expected = new BitSet();
        for (int i = 0; i < 3000; i++) {
            int block = random.nextInt(5) == 0 ? random.nextInt(1 << 20) : 4090 + random.nextInt(20);
            set.add(block);
            expected.set(block);
        }
        for (int from = 0; from < 1 << 20; from += 1 + random.nextInt(2000)) {
            int limit = from + random.nextInt(100_000);
            int next = expected.nextSetBit(from);
            assertThat(set.next(from, limit)).isEqualTo(next < 0 ? limit : Math.min(limit, next));
            assertThat(set.nextAbsent(from, limit)).isEqualTo(Math.min(limit, expected.nextClearBit(from)));
            assertThat(set.count(from, limit))
                    .isEqualTo(expected.get(from, limit).cardinality());
        }
        set.add(0xFFFF_FFFEL);
        assertThat(set.next(1 << 21, Long.MAX_VALUE)).isEqualTo(0xFFFF_FFFEL);
    }

    @Test
    @DisplayName("The lowest limit of all summaries counts, and a database that was created is new as a whole")
    void theLowestLimitCounts() {
        ChangedBlocks changes = new ChangedBlocks();
        RelationFork fork = RelationFork.ofFile("base/5/16384.2").orElseThrow();
        changes.add(fork, true, 70);
        changes.add(fork, false, 69);
        changes.add(fork, true, 50);
        changes.add(fork, true, 90);
        changes.add(new RelationFork(1663, 6, 0, 0), true, 0);
        ChangedBlocks.Change change = changes.of(fork).orElseThrow();
        assertThat(change.limit()).isEqualTo(50);
        assertThat(change.blocks().count(0, 100)).isEqualTo(1);
        assertThat(changes.of(new RelationFork(1663, 5, 16384, 2))).isEmpty();
        assertThat(changes.isOfNewDatabase(fork)).isFalse();
        assertThat(changes.isOfNewDatabase(RelationFork.ofFile("base/6/1").orElseThrow()))
                .isTrue();
    }

    @Test
    @DisplayName("A file's path says whose fork it is, and files of nobody are not taken for relations")
    void pathsAreUnderstood() {
        assertThat(RelationFork.ofFile("global/1262_fsm")).contains(new RelationFork(1664, 0, 1262, 1));
        assertThat(RelationFork.ofFile("base/5/16384_vm.1")).contains(new RelationFork(1663, 5, 16384, 2));
        assertThat(RelationFork.ofFile("base/5/16384_init")).contains(new RelationFork(1663, 5, 16384, 3));
        assertThat(RelationFork.ofFile("pg_tblspc/16400/PG_18_202506291/5/16401.3"))
                .contains(new RelationFork(16400, 5, 16401, 0));
        for (String other : List.of("global/pg_filenode.map", "base/5/PG_VERSION", "pg_xact/0000", "16384")) {
            assertThat(RelationFork.ofFile(other)).isEmpty();
        }
    }
}
