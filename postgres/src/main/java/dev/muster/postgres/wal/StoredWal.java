package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One object of WAL in the store, by its key: a whole segment, or a part of one.
 *
 * @param from offset of its first byte in the segment
 * @param to offset after its last byte
 * @param hash names the content, 16 hexadecimal digits
 */
public record StoredWal(SegmentName segment, int from, int to, String hash, String key) {
    private static final Pattern SEGMENT = Pattern.compile("([0-9A-F]{24})-([0-9a-f]{16})\\.seg");
    private static final Pattern PART =
            Pattern.compile("([0-9A-F]{24})/([0-9A-F]{8})-([0-9A-F]{8})-([0-9a-f]{16})\\.part");

    /** A piece of a joined segment: the object and which of its bytes, as offsets in the segment. */
    record Piece(StoredWal object, int from, int to) {
        Piece upTo(int limit) {
            return to <= limit ? this : new Piece(object, from, limit);
        }
    }

    /** What a key below a timeline's folder names, or empty if it is something else, such as a history file. */
    public static Optional<StoredWal> parse(String key, String folder, int segmentSize) {
        String rest = key.substring(folder.length());
        int slash = rest.indexOf('/');
        String name = slash < 0 ? rest : rest.substring(slash + 1);
        Matcher whole = SEGMENT.matcher(name);
        if (whole.matches()) {
            return SegmentName.parse(whole.group(1), segmentSize)
                    .map(segment -> new StoredWal(segment, 0, segmentSize, whole.group(2), key));
        }
        Matcher part = PART.matcher(name);
        if (part.matches()) {
            long from = Long.parseLong(part.group(2), 16);
            long to = Long.parseLong(part.group(3), 16);
            if (from < to && to <= segmentSize) {
                return SegmentName.parse(part.group(1), segmentSize)
                        .map(segment -> new StoredWal(segment, (int) from, (int) to, part.group(4), key));
            }
        }
        return Optional.empty();
    }

    /** The key's end below a timeline's folder, up to where the hash begins. */
    static String stem(SegmentName segment, int from, int to) {
        String whole = segment.high() + "/" + segment;
        return from == 0 && to == segment.segmentSize()
                ? whole + "-"
                : whole + "/" + String.format(Locale.ROOT, "%08X-%08X-", from, to);
    }

    static String suffix(SegmentName segment, int from, int to) {
        return from == 0 && to == segment.segmentSize() ? ".seg" : ".part";
    }

    public boolean whole() {
        return from == 0 && to == segment.segmentSize();
    }

    public Lsn start() {
        return segment.start().plus(from);
    }

    public Lsn end() {
        return segment.start().plus(to);
    }

    /** The fewest pieces that cover a segment from its beginning as far as it goes without a gap. */
    static List<Piece> join(List<StoredWal> objects) {
        List<StoredWal> sorted = new ArrayList<>(objects);
        sorted.sort(Comparator.comparingInt(StoredWal::from));
        List<Piece> pieces = new ArrayList<>();
        int position = 0;
        int next = 0;
        while (true) {
            Optional<StoredWal> longest = Optional.empty();
            while (next < sorted.size() && sorted.get(next).from() <= position) {
                StoredWal candidate = sorted.get(next++);
                if (candidate.to() > position
                        && (longest.isEmpty() || candidate.to() > longest.get().to())) {
                    longest = Optional.of(candidate);
                }
            }
            if (longest.isEmpty()) {
                return pieces;
            }
            pieces.add(new Piece(longest.get(), position, longest.get().to()));
            position = longest.get().to();
        }
    }
}
