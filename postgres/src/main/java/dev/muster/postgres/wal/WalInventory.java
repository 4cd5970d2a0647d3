package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.repository.Repository;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What WAL a repository has of a source, and where it is interrupted, read from the store alone.
 *
 * @param clusters by system identifier; more than one where a source was given to another cluster
 */
public record WalInventory(String source, List<Cluster> clusters) {
    /**
     * WAL of one cluster.
     *
     * @param systemId in decimal
     * @param segmentSize in bytes
     * @param ranges without gaps, by timeline and position
     * @param gaps what is missing between them; recovery from before one of these cannot go beyond it
     * @param objects how many, and their bytes in the store
     * @param newest when the youngest was stored, by the store's clock
     */
    public record Cluster(
            String systemId,
            int segmentSize,
            List<WalRange> ranges,
            List<WalRange> gaps,
            long objects,
            long storedBytes,
            Optional<Instant> newest) {
        public Cluster {
            ranges = List.copyOf(ranges);
            gaps = List.copyOf(gaps);
        }

        /** The range that recovery to the newest point ends with; empty if there is no WAL. */
        public Optional<WalRange> last() {
            return ranges.isEmpty() ? Optional.empty() : Optional.of(ranges.get(ranges.size() - 1));
        }
    }

    private static final int USUAL_SEGMENT = 16 << 20;

    public WalInventory {
        clusters = List.copyOf(clusters);
    }

    /** What was counted of one cluster while listing. */
    private static final class Count {
        private long objects;
        private long bytes;
        private Optional<Instant> newest = Optional.empty();
        private Optional<String> segment = Optional.empty();

        void add(ObjectInfo info) {
            objects++;
            bytes += info.size();
            if (newest.isEmpty() || info.modified().isAfter(newest.get())) {
                newest = Optional.of(info.modified());
            }
            if (segment.isEmpty() && info.key().endsWith(".seg")) {
                segment = Optional.of(info.key());
            }
        }
    }

    /** Lists all WAL of a source. */
    public static WalInventory of(Repository repository, String source) {
        String root = "src/" + source + "/wal/";
        Map<String, Count> counts = new TreeMap<>();
        repository.store().list(root, info -> {
            String below = info.key().substring(root.length());
            int slash = below.indexOf('/');
            if (slash > 0 && below.substring(0, slash).matches("\\d{1,20}")) {
                counts.computeIfAbsent(below.substring(0, slash), any -> new Count())
                        .add(info);
            }
        });
        List<Cluster> clusters = new ArrayList<>();
        counts.forEach((systemId, count) -> {
            // A segment's content is as long as the cluster's segments are; with parts only, the usual size is taken.
            int size = count.segment
                    .map(key -> Math.toIntExact(repository.framedSize(ObjectType.WAL_SEGMENT, key)))
                    .orElse(USUAL_SEGMENT);
            WalArchive archive = new WalArchive(repository, source, systemId, size);
            List<WalRange> ranges = archive.ranges();
            Map<Integer, TimelineHistory> histories = new TreeMap<>();
            for (int timeline : archive.histories()) {
                archive.history(timeline).ifPresent(history -> histories.put(timeline, history));
            }
            clusters.add(new Cluster(
                    systemId, size, ranges, gaps(ranges, histories), count.objects, count.bytes, count.newest));
        });
        return new WalInventory(source, clusters);
    }

    /**
     * What is missing between stored WAL: within a timeline, and where one timeline leaves another. What is missing before
     * the oldest WAL of all is no gap: nothing there leads anywhere.
     */
    static List<WalRange> gaps(List<WalRange> ranges, Map<Integer, TimelineHistory> histories) {
        List<WalRange> gaps = new ArrayList<>();
        @Nullable WalRange before = null;
        for (WalRange range : ranges) {
            if (before != null && before.timeline() == range.timeline()) {
                add(gaps, range.timeline(), before.to(), range.from());
            } else {
                atSwitch(ranges, histories.get(range.timeline()), range, gaps);
            }
            before = range;
        }
        return gaps;
    }

    private static void atSwitch(
            List<WalRange> ranges, @Nullable TimelineHistory history, WalRange first, List<WalRange> gaps) {
        if (history == null || history.ancestors().isEmpty()) {
            return;
        }
        TimelineHistory.Ancestor parent =
                history.ancestors().get(history.ancestors().size() - 1);
        Optional<WalRange> last = ranges.stream()
                .filter(range -> range.timeline() == parent.timeline())
                .filter(range -> range.from().isBefore(parent.end()))
                .reduce((older, newer) -> newer);
        if (last.isPresent()) {
            add(gaps, parent.timeline(), last.get().to(), parent.end());
            add(gaps, first.timeline(), parent.end(), first.from());
        }
    }

    private static void add(List<WalRange> gaps, int timeline, Lsn from, Lsn to) {
        if (from.isBefore(to)) {
            gaps.add(new WalRange(timeline, from, to));
        }
    }
}
