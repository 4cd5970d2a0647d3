package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A WAL segment: its timeline and which one it is, named as in pg_wal by 24 hexadecimal digits.
 *
 * @param timeline 1 or more
 * @param start position of its first byte, a multiple of the segment size
 * @param segmentSize bytes, a power of two from 1 MiB to 1 GiB
 */
public record SegmentName(int timeline, Lsn start, int segmentSize) {
    private static final Pattern FORM = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");
    private static final Pattern HISTORY = Pattern.compile("([0-9A-F]{8})\\.history");
    private static final int SMALLEST = 1 << 20;
    private static final int LARGEST = 1 << 30;

    public SegmentName {
        if (timeline < 1) {
            throw new IllegalArgumentException("Not a timeline: " + timeline);
        }
        checkSize(segmentSize);
        if (Long.remainderUnsigned(start.value(), segmentSize) != 0) {
            throw new IllegalArgumentException(start + " is not the start of a segment of " + segmentSize + " bytes");
        }
    }

    static void checkSize(int segmentSize) {
        if (segmentSize < SMALLEST || segmentSize > LARGEST || Integer.bitCount(segmentSize) != 1) {
            throw new IllegalArgumentException("Not a WAL segment size: " + segmentSize);
        }
    }

    /** The segment that holds a position. */
    public static SegmentName of(int timeline, Lsn position, int segmentSize) {
        return new SegmentName(timeline, position.segmentStart(segmentSize), segmentSize);
    }

    /** The segment with that name, or empty if the text is not such a name. */
    public static Optional<SegmentName> parse(String name, int segmentSize) {
        checkSize(segmentSize);
        Matcher matcher = FORM.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int timeline = Integer.parseUnsignedInt(matcher.group(1), 16);
        long high = Long.parseLong(matcher.group(2), 16);
        long low = Long.parseLong(matcher.group(3), 16);
        if (timeline < 1 || low >= (1L << 32) / segmentSize) {
            return Optional.empty();
        }
        return Optional.of(new SegmentName(timeline, new Lsn((high << 32) + low * segmentSize), segmentSize));
    }

    /** The timeline of a history file's name such as {@code 00000002.history}, or empty if it is none. */
    public static Optional<Integer> historyOf(String name) {
        Matcher matcher = HISTORY.matcher(name);
        return matcher.matches() ? Optional.of(Integer.parseUnsignedInt(matcher.group(1), 16)) : Optional.empty();
    }

    /** The name of a timeline's history file. */
    public static String history(int timeline) {
        return hex(timeline) + ".history";
    }

    /** The position after its last byte. */
    public Lsn end() {
        return start.plus(segmentSize);
    }

    public SegmentName next() {
        return new SegmentName(timeline, end(), segmentSize);
    }

    /** The first 8 of the 16 digits that follow the timeline. */
    public String high() {
        return hex(start.value() >>> 32);
    }

    @Override
    public String toString() {
        return hex(timeline) + high() + hex((start.value() & 0xFFFFFFFFL) / segmentSize);
    }

    /** Eight hexadecimal digits, as PostgreSQL prints timelines and halves of positions. */
    static String hex(long value) {
        return String.format(Locale.ROOT, "%08X", value);
    }
}
