package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.repository.Repository;
import dev.muster.storage.ObjectExistsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The WAL of one cluster in the repository: whole segments, parts of open ones, history files. Thread-safe. What is
 * stored is never changed; the same content again is success, another content under the same name an error (SAFETY
 * "PostgreSQL recovery" 2).
 */
public final class WalArchive {
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private final WalObjects objects;
    private final String root;
    private final int segmentSize;
    private final ArchiveFiles files;

    /**
     * @param source what the WAL belongs to in the repository, such as {@code orders-main}
     * @param systemId the cluster's identity in decimal, as IDENTIFY_SYSTEM says it
     * @param segmentSize bytes, a power of two from 1 MiB to 1 GiB
     */
    public WalArchive(Repository repository, String source, String systemId, int segmentSize) {
        this(new RepositoryWal(repository), source, systemId, segmentSize);
    }

    WalArchive(WalObjects objects, String source, String systemId, int segmentSize) {
        SegmentName.checkSize(segmentSize);
        if (!systemId.matches("\\d{1,20}")) {
            throw new IllegalArgumentException("Not a system identifier: '" + systemId + "'");
        }
        this.objects = objects;
        this.root = "src/" + source + "/wal/" + systemId + "/";
        this.segmentSize = segmentSize;
        this.files = new ArchiveFiles(this);
    }

    public int segmentSize() {
        return segmentSize;
    }

    /** Opens a content from its beginning, as often as asked. */
    interface Content {
        InputStream open() throws IOException;
    }

    /**
     * Stores a whole segment.
     *
     * @param content exactly one segment
     * @throws PostgresException WAL_CONFLICT if the store has the segment with another content
     */
    public void storeSegment(SegmentName segment, byte[] content) {
        if (content.length != segmentSize) {
            throw new IllegalArgumentException(segment + " has " + content.length + " bytes, not " + segmentSize);
        }
        storeSegment(segment, () -> new ByteArrayInputStream(content));
    }

    /**
     * The same from a file of exactly one segment, which may be larger than the memory.
     *
     * @throws PostgresException WAL_CONFLICT
     */
    public void storeSegment(SegmentName segment, Path file) {
        storeSegment(segment, () -> Files.newInputStream(file));
    }

    void storeSegment(SegmentName segment, Content content) {
        check(segment);
        store(
                folder(segment.timeline()) + StoredWal.stem(segment, 0, segmentSize),
                StoredWal.suffix(segment, 0, segmentSize),
                content);
    }

    /**
     * Stores bytes of a segment that is still being written.
     *
     * @param from offset of the first byte in the segment
     * @throws PostgresException WAL_CONFLICT if the store has a part with these bounds and another content
     */
    public void storePart(SegmentName segment, int from, byte[] content) {
        check(segment);
        int to = from + content.length;
        if (from < 0 || content.length == 0 || to > segmentSize) {
            throw new IllegalArgumentException("No part of a segment: " + from + " to " + to);
        }
        if (from == 0 && to == segmentSize) {
            storeSegment(segment, content);
            return;
        }
        store(
                folder(segment.timeline()) + StoredWal.stem(segment, from, to),
                StoredWal.suffix(segment, from, to),
                () -> new ByteArrayInputStream(content));
    }

    /**
     * Stores a timeline's history file.
     *
     * @throws PostgresException WAL_CONFLICT if the store has another history for the timeline: two copies were promoted
     *     under the same number
     */
    public void storeHistory(int timeline, byte[] content) {
        TimelineHistory.parse(timeline, content);
        store(historyStem(timeline), ".history", () -> new ByteArrayInputStream(content));
    }

    private void check(SegmentName segment) {
        if (segment.segmentSize() != segmentSize) {
            throw new IllegalArgumentException(
                    "This archive has segments of " + segmentSize + " bytes, not " + segment.segmentSize());
        }
    }

    private void store(String stem, String suffix, Content content) {
        try {
            String key = stem + objects.nameHash(digest(content)) + suffix;
            requireNoConflict(stem, suffix, key);
            // Also what is listed already: its creator may have died before it was durable, and the store makes sure.
            try (InputStream in = content.open()) {
                objects.write(key, in);
            } catch (ObjectExistsException same) {
                // The name says the content: somebody else has just stored the same.
            }
            // Of two writers with different contents at least one sees the other here.
            requireNoConflict(stem, suffix, key);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot store " + stem, e);
        }
    }

    private void requireNoConflict(String stem, String suffix, String key) {
        List<String> others = new ArrayList<>();
        objects.list(stem, info -> {
            boolean same = info.key().equals(key);
            if (!same && info.key().endsWith(suffix) && info.key().length() == key.length()) {
                others.add(info.key());
            }
        });
        if (!others.isEmpty()) {
            throw conflict(key, others.get(0));
        }
    }

    private static PostgresException conflict(String one, String other) {
        return new PostgresException(
                "WAL_CONFLICT",
                "Two different contents for the same WAL: " + one + " and " + other,
                "Does a clone or a restored copy of this cluster write WAL under the same name? Stop it, or give it a"
                        + " source of its own.");
    }

    private static byte[] digest(Content content) throws IOException {
        try (InputStream in = content.open()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[64 << 10];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }

    private String folder(int timeline) {
        return root + SegmentName.hex(timeline) + "/";
    }

    private String historyStem(int timeline) {
        return folder(timeline) + SegmentName.hex(timeline) + "-";
    }

    /** The WAL in the store without gaps, by timeline and position. Lists the whole archive. */
    public List<WalRange> ranges() {
        return ranges(root);
    }

    private List<WalRange> ranges(String prefix) {
        Map<Integer, List<StoredWal>> byTimeline = new TreeMap<>();
        objects.list(
                prefix,
                info -> parse(info.key())
                        .ifPresent(wal -> byTimeline
                                .computeIfAbsent(wal.segment().timeline(), any -> new ArrayList<>())
                                .add(wal)));
        List<WalRange> ranges = new ArrayList<>();
        byTimeline.forEach((timeline, wal) -> {
            wal.sort(Comparator.comparing(StoredWal::start));
            Lsn from = wal.get(0).start();
            Lsn to = from;
            for (StoredWal next : wal) {
                if (next.start().isAfter(to)) {
                    ranges.add(new WalRange(timeline, from, to));
                    from = next.start();
                    to = from;
                }
                to = next.end().isAfter(to) ? next.end() : to;
            }
            ranges.add(new WalRange(timeline, from, to));
        });
        return ranges;
    }

    private Optional<StoredWal> parse(String key) {
        int slash = key.indexOf('/', root.length());
        return slash < 0 ? Optional.empty() : StoredWal.parse(key, key.substring(0, slash + 1), segmentSize);
    }

    /** The end of the newest WAL of a timeline, parts included. What lies before it may have gaps: see ranges. */
    public Optional<Lsn> end(int timeline) {
        List<WalRange> ranges = ranges(folder(timeline));
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(ranges.get(ranges.size() - 1).to());
    }

    /** How far WAL goes without a gap from a position along a path of timelines; the position itself if it is missing. */
    public Lsn reach(TimelineHistory path, Lsn from) {
        return reach(ranges(), path, from);
    }

    /** As the other, where what is stored has been listed before. */
    public static Lsn reach(List<WalRange> ranges, TimelineHistory path, Lsn from) {
        Lsn position = from;
        while (true) {
            int timeline = path.timelineAt(position);
            Lsn at = position;
            Optional<Lsn> end = ranges.stream()
                    .filter(range ->
                            range.timeline() == timeline && !at.isBefore(range.from()) && at.isBefore(range.to()))
                    .map(WalRange::to)
                    .findFirst();
            if (end.isEmpty()) {
                return position;
            }
            Optional<Lsn> left = path.endOf(timeline);
            if (left.isEmpty() || end.get().isBefore(left.get())) {
                return end.get();
            }
            position = left.get();
        }
    }

    /** The history of a timeline, or empty if the store does not have it. Timeline 1 needs none. */
    public Optional<TimelineHistory> history(int timeline) {
        Optional<byte[]> content = historyFile(timeline);
        if (content.isEmpty()) {
            return timeline == 1 ? Optional.of(TimelineHistory.first()) : Optional.empty();
        }
        return Optional.of(TimelineHistory.parse(timeline, content.get()));
    }

    /** The timelines whose history files the store has, in order. */
    public List<Integer> histories() {
        TreeSet<Integer> timelines = new TreeSet<>();
        objects.list(root, info -> {
            String[] parts = info.key().substring(root.length()).split("/");
            if (parts.length == 2 && parts[1].endsWith(".history")) {
                SegmentName.historyOf(parts[0] + ".history").ifPresent(timelines::add);
            }
        });
        return List.copyOf(timelines);
    }

    /**
     * The objects that a recovery from one position to another of a timeline needs, of those that are stored: segments, the
     * parts of those that are not whole yet, and the histories of this and older timelines.
     */
    public List<String> keys(int timeline, Lsn from, Lsn to) {
        List<String> keys = new ArrayList<>();
        for (int past = 2; past <= timeline; past++) {
            objects.list(historyStem(past), info -> keys.add(info.key()));
        }
        List<StoredWal> wal = new ArrayList<>();
        for (long high = from.value() >>> 32; high <= to.value() >>> 32; high++) {
            objects.list(
                    folder(timeline) + SegmentName.hex(high) + "/",
                    info -> parse(info.key())
                            .filter(one ->
                                    one.end().isAfter(from) && one.start().isBefore(to))
                            .ifPresent(wal::add));
        }
        Set<SegmentName> whole = new HashSet<>();
        wal.stream().filter(StoredWal::whole).map(StoredWal::segment).forEach(whole::add);
        wal.stream()
                .filter(one -> one.whole() || !whole.contains(one.segment()))
                .map(StoredWal::key)
                .forEach(keys::add);
        return List.copyOf(keys);
    }

    Optional<byte[]> historyFile(int timeline) {
        List<String> keys = new ArrayList<>();
        objects.list(historyStem(timeline), info -> {
            if (info.key().endsWith(".history")) {
                keys.add(info.key());
            }
        });
        if (keys.size() > 1) {
            throw conflict(keys.get(0), keys.get(1));
        }
        if (keys.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = objects.read(keys.get(0))) {
            return Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + keys.get(0), e);
        }
    }

    /** What the store has of one segment. A whole one hides its parts. */
    List<StoredWal> objectsOf(SegmentName segment) {
        check(segment);
        List<StoredWal> all = new ArrayList<>();
        objects.list(
                folder(segment.timeline()) + segment.high() + "/" + segment,
                info -> parse(info.key()).ifPresent(all::add));
        List<StoredWal> whole = all.stream().filter(StoredWal::whole).toList();
        if (whole.size() > 1) {
            throw conflict(whole.get(0).key(), whole.get(1).key());
        }
        return whole.isEmpty() ? all : whole;
    }

    InputStream open(StoredWal object) {
        return objects.read(object.key());
    }

    /** WAL of one timeline as bytes. */
    public WalBytes read(int timeline, Lsn from) {
        return new ArchivedWal(this, timeline, from);
    }

    /**
     * The files that recovery along a timeline needs, and none of another past.
     *
     * @param timeline the one to recover to; its history is looked up when the first file is asked for
     */
    public WalSource along(int timeline) {
        return new PathFiles(this, timeline);
    }

    ArchiveFiles files() {
        return files;
    }

    /**
     * Waits until WAL is in the store without a gap.
     *
     * @throws PostgresException WAL_NOT_ARCHIVED with the first position that is missing after the limit; CANCELLED
     */
    public void awaitWal(int timeline, Lsn from, Lsn to, Duration limit, Progress progress) {
        long deadline = System.nanoTime() + limit.toNanos();
        long pause = SHORTEST_PAUSE.toMillis();
        Lsn position = from;
        while (true) {
            position = contiguousEnd(timeline, position, to);
            if (!position.isBefore(to)) {
                return;
            }
            progress.check("Waiting for WAL");
            if (System.nanoTime() >= deadline) {
                throw new PostgresException(
                        "WAL_NOT_ARCHIVED",
                        "WAL of timeline " + timeline + " is needed from " + from + " to " + to + ", and after "
                                + limit.toSeconds() + " s the store lacks it from " + position,
                        "Is the WAL receiver of this cluster running, and what is its last error?");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            pause = Math.min(pause * 2, LONGEST_PAUSE.toMillis());
        }
    }

    private Lsn contiguousEnd(int timeline, Lsn from, Lsn to) {
        Lsn position = from;
        while (position.isBefore(to)) {
            SegmentName segment = SegmentName.of(timeline, position, segmentSize);
            List<StoredWal.Piece> pieces = StoredWal.join(objectsOf(segment));
            int end = pieces.isEmpty() ? 0 : pieces.get(pieces.size() - 1).to();
            if (end < segmentSize) {
                Lsn partial = segment.start().plus(end);
                return partial.isAfter(position) ? partial : position;
            }
            position = segment.end();
        }
        return position;
    }

    static PostgresException tooShort(StoredWal object) {
        return new PostgresException(
                "OBJECT_DAMAGED",
                "The object " + object.key() + " has fewer bytes than its name says",
                "Take another copy of the store, or recover to before " + object.start() + ".");
    }
}
