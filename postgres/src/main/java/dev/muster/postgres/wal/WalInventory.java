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
     * @param forks where timelines left others, of those that have WAL here
     * @param strangers timelines whose history is not here: no older one leads to them, though there is older WAL
     * @param objects how many, and their bytes in the store
     * @param newest when the youngest was stored, by the store's clock
     */
    public record Cluster(
            String systemId,
            int segmentSize,
            List<WalRange> ranges,
            List<WalRange> gaps,
            List<Fork> forks,
            List<Integer> strangers,
            long objects,
            long storedBytes,
            Optional<Instant> newest) {
        public Cluster {
            ranges = List.copyOf(ranges);
            gaps = List.copyOf(gaps);
            forks = List.copyOf(forks);
            strangers = List.copyOf(strangers);
        }

        /** The newest timeline that has WAL; 0 if none has. */
        public int newestTimeline() {
            return ranges.stream().mapToInt(WalRange::timeline).max().orElse(0);
        }

        /** Where the way to the newest timeline left another; empty if it did not come along there. */
        public Optional<Fork> leftBy(WalRange gap) {
            return forks.stream()
                    .filter(fork -> fork.timeline() == newestTimeline() && fork.from() == gap.timeline())
                    .findFirst();
        }

        /** Whether recovery to the newest timeline needs what is missing. */
        public boolean onTheWay(WalRange gap) {
            return gap.timeline() == newestTimeline()
                    || leftBy(gap)
                            .filter(fork -> gap.from().isBefore(fork.at()))
                            .isPresent();
        }

        /** The range that recovery to the newest point ends with; empty if there is no WAL. */
        public Optional<WalRange> last() {
            return ranges.isEmpty() ? Optional.empty() : Optional.of(ranges.get(ranges.size() - 1));
        }
    }

    /**
     * Where the way to a timeline left an older one, its parent or an earlier one.
     *
     * @param from the older one
     */
    public record Fork(int timeline, int from, Lsn at) {}

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
            clusters.add(cluster(systemId, size, ranges, histories, count));
        });
        return new WalInventory(source, clusters);
    }

    private static Cluster cluster(
            String systemId, int size, List<WalRange> ranges, Map<Integer, TimelineHistory> histories, Count count) {
        List<Integer> timelines =
                ranges.stream().map(WalRange::timeline).distinct().sorted().toList();
        List<Fork> forks = new ArrayList<>();
        List<Integer> strangers = new ArrayList<>();
        for (int timeline : timelines) {
            TimelineHistory history = histories.get(timeline);
            if (history != null) {
                history.ancestors()
                        .forEach(ancestor -> forks.add(new Fork(timeline, ancestor.timeline(), ancestor.end())));
            } else if (timeline > 1 && timeline != timelines.get(0)) {
                strangers.add(timeline);
            }
        }
        List<WalRange> gaps = WalGaps.of(ranges, histories);
        return new Cluster(systemId, size, ranges, gaps, forks, strangers, count.objects, count.bytes, count.newest);
    }
}
