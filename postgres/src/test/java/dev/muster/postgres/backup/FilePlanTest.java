package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.incremental.BlockSet;
import dev.muster.repository.FrameRef;
import dev.muster.repository.Run;
import dev.muster.repository.frames.Codec;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SAFETY "PostgreSQL recovery" 9. */
class FilePlanTest {
    private static final int BLOCK = 8192;
    private static final int FRAME = Frame.MAX_RAW;

    private static BlockSet blocks(long... numbers) {
        BlockSet set = new BlockSet();
        for (long number : numbers) {
            set.add(number);
        }
        return set;
    }

    private static List<Run> wholeFrames(long from, long to) {
        List<Run> runs = new ArrayList<>();
        for (long at = from; at < to; at += FRAME) {
            int length = (int) Math.min(FRAME, to - at);
            Frame frame = new Frame(at, length, Codec.STORED, length, new ContentHash(at, 0, 0, 0));
            runs.add(Run.of(at, new FrameRef("parent", 0, frame)));
        }
        return runs;
    }

    private static String described(StretchPlan plan) {
        StringBuilder text = new StringBuilder();
        for (StretchPlan.Piece piece : plan.pieces()) {
            if (piece instanceof StretchPlan.Piece.Read read) {
                text.append("read ").append(read.from() / BLOCK).append('-').append(read.to() / BLOCK);
            } else if (piece instanceof StretchPlan.Piece.Known known && known.run() instanceof Run.Stored run) {
                text.append(run.offset() / BLOCK).append('-').append(run.end() / BLOCK);
                text.append(" at ").append((run.ref().frame().offset() + run.skip()) / BLOCK);
            }
            text.append("; ");
        }
        return text.toString();
    }

    @Test
    @DisplayName("A changed block is read, and the rest of its frame is still the parent's")
    void aChangedBlockSplitsItsFrame() {
        FilePlan.Blocks changed = new FilePlan.Blocks(0, blocks(3, 4, 17), Long.MAX_VALUE, BLOCK);
        assertThat(described(StretchPlan.of(changed, wholeFrames(0, 3 * FRAME), 0, 3 * FRAME)))
                .isEqualTo("0-3 at 0; read 3-5; 5-16 at 5; 16-17 at 16; read 17-18; 18-32 at 18; 32-48 at 32; ");
    }

    @Test
    @DisplayName("In a relation's second file blocks are numbered on from the first file")
    void aSecondFileCountsOn() {
        long first = 131_072;
        FilePlan.Blocks changed = new FilePlan.Blocks(first, blocks(3, first + 2), Long.MAX_VALUE, BLOCK);
        assertThat(described(StretchPlan.of(changed, wholeFrames(0, FRAME), 0, FRAME)))
                .isEqualTo("0-2 at 0; read 2-3; 3-16 at 3; ");
        assertThat(changed.count(FRAME)).isEqualTo(1);
    }

    @Test
    @DisplayName("From the limit block on everything is read, whatever the parent has there")
    void fromTheLimitOnEverythingIsRead() {
        FilePlan.Blocks changed = new FilePlan.Blocks(0, blocks(1), 5, BLOCK);
        assertThat(described(StretchPlan.of(changed, wholeFrames(0, FRAME), 0, 2 * FRAME)))
                .isEqualTo("0-1 at 0; read 1-2; 2-5 at 2; read 5-32; ");
        assertThat(changed.count(2 * FRAME)).isEqualTo(28);
    }

    @Test
    @DisplayName("Whatever changed, a plan reads exactly the changed blocks and leaves no gap")
    void plansHaveNoGaps() {
        Random random = new Random(42);
        for (int round = 0; round < 500; round++) {
            int total = 1 + random.nextInt(200);
            BlockSet set = new BlockSet();
            boolean[] read = new boolean[total];
            for (int i = 0; i < random.nextInt(total + 1); i++) {
                int block = random.nextInt(total);
                set.add(block);
                read[block] = true;
            }
            int limit = random.nextInt(total + 20);
            for (int block = Math.min(limit, total); block < total; block++) {
                read[block] = true;
            }
            FilePlan.Blocks blocks = new FilePlan.Blocks(0, set, limit, BLOCK);
            StretchPlan plan = StretchPlan.of(blocks, wholeFrames(0, (long) total * BLOCK), 0, (long) total * BLOCK);
            long at = 0;
            long count = 0;
            for (StretchPlan.Piece piece : plan.pieces()) {
                long from = piece instanceof StretchPlan.Piece.Read one
                        ? one.from()
                        : ((StretchPlan.Piece.Known) piece).run().offset();
                long to = piece instanceof StretchPlan.Piece.Read one
                        ? one.to()
                        : ((StretchPlan.Piece.Known) piece).run().end();
                assertThat(from).isEqualTo(at);
                for (long block = from / BLOCK; block < to / BLOCK; block++) {
                    assertThat(read[(int) block]).isEqualTo(piece instanceof StretchPlan.Piece.Read);
                }
                count += piece instanceof StretchPlan.Piece.Read ? (to - from) / BLOCK : 0;
                at = to;
            }
            assertThat(at).isEqualTo((long) total * BLOCK);
            assertThat(blocks.count((long) total * BLOCK)).isEqualTo(count);
        }
    }

    @Test
    @DisplayName("A stretch in more than four times as many pieces as frames is stored whole again")
    void fragmentsAreBounded() {
        long stretch = 64L << 20;
        BlockSet few = new BlockSet();
        BlockSet many = new BlockSet();
        for (long block = 0; block < stretch / BLOCK; block += 4) {
            many.add(block);
            if (block % 16 == 0) {
                few.add(block);
            }
        }
        assertThat(StretchPlan.of(
                                new FilePlan.Blocks(0, few, Long.MAX_VALUE, BLOCK), wholeFrames(0, stretch), 0, stretch)
                        .isTooFragmented())
                .isFalse();
        assertThat(StretchPlan.of(
                                new FilePlan.Blocks(0, many, Long.MAX_VALUE, BLOCK),
                                wholeFrames(0, stretch),
                                0,
                                stretch)
                        .isTooFragmented())
                .isTrue();
    }
}
