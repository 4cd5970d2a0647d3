package dev.muster.postgres.retention;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.StoredWal;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.storage.ObjectInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A listing of one cluster's WAL, taken apart. What is not understood makes it doubtful. */
final class WalFiles {
    private static final Pattern HISTORY = Pattern.compile("([0-9A-F]{8})/([0-9A-F]{8})-[0-9a-f]{16}\\.history");

    /** One object that is a segment or a part. */
    record File(StoredWal wal, ObjectInfo info) {}

    private final List<File> files = new ArrayList<>();
    private final Map<Integer, ObjectInfo> histories = new TreeMap<>();
    private final Map<SegmentName, File> whole = new HashMap<>();
    private final List<String> doubts = new ArrayList<>();

    /** @param root of the cluster's keys, ending with a slash */
    WalFiles(String root, List<ObjectInfo> objects, int segmentSize) {
        for (ObjectInfo object : objects) {
            String rest = object.key().substring(root.length());
            Matcher history = HISTORY.matcher(rest);
            String folder = rest.substring(0, rest.indexOf('/') + 1);
            Optional<StoredWal> wal = StoredWal.parse(object.key(), root + folder, segmentSize)
                    .filter(found -> folder.equals(found.segment().toString().substring(0, 8) + "/"));
            if (history.matches() && history.group(1).equals(history.group(2))) {
                int timeline = Integer.parseUnsignedInt(history.group(1), 16);
                conflict(histories.put(timeline, object), object);
            } else if (wal.isPresent()) {
                File file = new File(wal.get(), object);
                files.add(file);
                if (wal.get().whole()) {
                    File other = whole.put(wal.get().segment(), file);
                    conflict(other == null ? null : other.info(), object);
                }
            } else {
                doubts.add("nobody knows what " + object.key() + " is");
            }
        }
        files.sort(Comparator.comparing((File file) -> file.wal().segment().timeline())
                .thenComparing(file -> file.wal().start())
                .thenComparing(file -> file.wal().key()));
    }

    private void conflict(@Nullable ObjectInfo one, ObjectInfo other) {
        if (one != null) {
            doubts.add(one.key() + " and " + other.key() + " contradict each other");
        }
    }

    /** By timeline and position. */
    List<File> files() {
        return files;
    }

    Map<Integer, ObjectInfo> histories() {
        return histories;
    }

    List<String> doubts() {
        return doubts;
    }

    Optional<File> wholeOf(File file) {
        return Optional.ofNullable(whole.get(file.wal().segment()));
    }

    /** The end of the newest WAL of a timeline. */
    Optional<Lsn> end(int timeline) {
        return files.stream()
                .filter(file -> file.wal().segment().timeline() == timeline)
                .map(file -> file.wal().end())
                .max(Comparator.naturalOrder());
    }

    /** How far WAL goes without a gap along a path; the position itself if it is missing. */
    Lsn reach(TimelineHistory path, Lsn from) {
        Lsn position = from;
        for (File file : files) {
            int timeline = file.wal().segment().timeline();
            if (!path.contains(timeline)) {
                continue;
            }
            Lsn end = path.endOf(timeline)
                    .filter(left -> left.isBefore(file.wal().end()))
                    .orElse(file.wal().end());
            boolean joins = !file.wal().start().isAfter(position) && end.isAfter(position);
            // Of a younger timeline only what lies on the path: it begins where the older one was left.
            if (joins && timeline == path.timelineAt(position)) {
                position = end;
            }
        }
        return position;
    }
}
