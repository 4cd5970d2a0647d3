package dev.muster.repository;

import java.util.ArrayList;
import java.util.List;

/** A piece of a file, and where its bytes are. */
public sealed interface Run {
    /** The longest run in bytes; a longer stretch of zeros is several runs. */
    int MAX_LENGTH = 1 << 30;

    /** In the file, in bytes. */
    long offset();

    /** In bytes, 1 to {@link #MAX_LENGTH}. */
    int length();

    default long end() {
        return offset() + length();
    }

    /**
     * What of it lies in a stretch of the file.
     *
     * @throws IllegalArgumentException if nothing does
     */
    Run within(long from, long to);

    /** Zero bytes, which are not stored. */
    record Zeros(long offset, int length) implements Run {
        public Zeros {
            check(offset, length, MAX_LENGTH);
        }

        @Override
        public Run within(long from, long to) {
            long first = Math.max(offset, from);
            return new Zeros(first, (int) (Math.min(end(), to) - first));
        }
    }

    /**
     * Bytes of a frame.
     *
     * @param skip how many raw bytes of the frame come before the run's: an increment may use a part of an older frame
     */
    record Stored(long offset, int length, FrameRef ref, int skip) implements Run {
        public Stored {
            check(offset, length, ref.frame().rawLength());
            if (skip < 0 || skip + length > ref.frame().rawLength()) {
                throw new IllegalArgumentException("A run of " + length + " bytes behind " + skip
                        + " does not fit a frame of " + ref.frame().rawLength());
            }
        }

        /** Whether it is all of its frame, so that the frame's hash proves equal bytes to be equal. */
        public boolean isWholeFrame() {
            return skip == 0 && length == ref.frame().rawLength();
        }

        @Override
        public Run within(long from, long to) {
            long first = Math.max(offset, from);
            return new Stored(first, (int) (Math.min(end(), to) - first), ref, skip + (int) (first - offset));
        }
    }

    /** A whole frame. */
    static Run of(long offset, FrameRef ref) {
        return new Stored(offset, ref.frame().rawLength(), ref, 0);
    }

    /** Whole frames one after the other, from the file's beginning. */
    static List<Run> of(List<FrameRef> refs) {
        List<Run> runs = new ArrayList<>(refs.size());
        long offset = 0;
        for (FrameRef ref : refs) {
            runs.add(of(offset, ref));
            offset += ref.frame().rawLength();
        }
        return runs;
    }

    private static void check(long offset, int length, int max) {
        if (offset < 0 || length < 1 || length > max || offset + length < 0) {
            throw new IllegalArgumentException("Not a run: " + length + " bytes at " + offset);
        }
    }
}
