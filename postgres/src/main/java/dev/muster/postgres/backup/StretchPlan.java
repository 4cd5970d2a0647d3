package dev.muster.postgres.backup;

import dev.muster.repository.Run;
import dev.muster.repository.frames.Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of a changed file: what is read, and what is taken over from the ancestor, in order.
 *
 * @param pieces without a gap
 */
record StretchPlan(List<Piece> pieces) {
    /**
     * Runs for each that the stretch has when it is stored whole. Each run costs a restore a frame of 128 KiB to fetch
     * and decompress, so a restore never reads more than four times what it writes.
     */
    static final int PIECES_FOR_ONE = 4;

    /** Of a stretch. */
    sealed interface Piece {
        /** Changed, or not in the ancestor. */
        record Read(long from, long to) implements Piece {}

        /** As the ancestor has it. */
        record Known(Run run) implements Piece {}
    }

    /**
     * @param known the ancestor's runs of this stretch, as far as it goes
     * @param to end of the stretch
     */
    static StretchPlan of(FilePlan.Blocks blocks, List<Run> known, long from, long to) {
        List<Piece> pieces = new ArrayList<>();
        int next = 0;
        for (long at = from; at < to; ) {
            long read = blocks.nextRead(at, to);
            while (at < read) {
                while (known.get(next).end() <= at) {
                    next++;
                }
                Run run = known.get(next).within(at, read);
                pieces.add(new Piece.Known(run));
                at = run.end();
            }
            if (at < to) {
                long end = blocks.nextKnown(at, to);
                pieces.add(new Piece.Read(at, end));
                at = end;
            }
        }
        return new StretchPlan(pieces);
    }

    /** Whether it lies in so many pieces that it is better stored anew. */
    boolean isTooFragmented() {
        long runs = 0;
        long length = 0;
        for (Piece piece : pieces) {
            if (piece instanceof Piece.Read read) {
                runs += frames(read.to() - read.from());
                length += read.to() - read.from();
            } else if (piece instanceof Piece.Known known) {
                runs++;
                length += known.run().length();
            }
        }
        return runs > PIECES_FOR_ONE * frames(length) + PIECES_FOR_ONE;
    }

    private static long frames(long length) {
        return (length + Frame.MAX_RAW - 1) / Frame.MAX_RAW;
    }
}
