package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.wal.WalRange;
import dev.muster.postgres.walscan.ScanSummary;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** To which points a cluster can be brought back, by what is in the store. */
public final class ReachablePoints {
    /** How far back the last commit is looked for: an idle cluster writes WAL without commits. */
    private static final int SEGMENTS_BACK = 16;

    private ReachablePoints() {}

    /**
     * From one backup along one timeline.
     *
     * @param timeline the one to recover along
     * @param earliest the end of the backup
     * @param latest the end of the WAL that can be replayed without a gap; before {@code earliest} the backup cannot be
     *     restored along this timeline at all
     * @param latestTime of the last commit before that; empty if there is none near it
     * @param gap what is missing behind {@code latest}, if there is WAL again later
     */
    public record Points(
            String backupId,
            int timeline,
            Lsn earliest,
            Instant earliestTime,
            Lsn latest,
            Optional<Instant> latestTime,
            Optional<Gap> gap) {
        public boolean restorable() {
            return !latest.isBefore(earliest);
        }
    }

    /** WAL that is not in the store, and what follows it is. */
    public record Gap(int timeline, Lsn from, Lsn to) {}

    /**
     * Of all committed backups of a source, newest first, and every timeline that they are in the past of.
     *
     * @throws PostgresException OBJECT_DAMAGED, WAL_DAMAGED and others of the WAL
     */
    public static List<Points> of(Repository repository, String source) {
        Map<String, List<Stored>> clusters = new TreeMap<>();
        for (CommittedBackup backup : repository.backups(source)) {
            BackupSummary summary = BackupSummary.of(backup.summary());
            clusters.computeIfAbsent(summary.systemId(), any -> new ArrayList<>())
                    .add(new Stored(backup.id(), summary));
        }
        List<Points> points = new ArrayList<>();
        clusters.forEach((systemId, backups) -> points.addAll(of(
                backups,
                new WalArchive(
                        repository, source, systemId, backups.get(0).summary().segmentSize()))));
        points.sort(Comparator.comparing(Points::backupId).reversed().thenComparing(Points::timeline));
        return List.copyOf(points);
    }

    private record Stored(String id, BackupSummary summary) {}

    private static List<Points> of(List<Stored> backups, WalArchive archive) {
        List<WalRange> ranges = archive.ranges();
        Set<Integer> timelines = new TreeSet<>();
        ranges.forEach(range -> timelines.add(range.timeline()));
        backups.forEach(backup -> timelines.add(backup.summary().timeline()));
        Map<Lsn, Optional<Instant>> times = new TreeMap<>();
        List<Points> points = new ArrayList<>();
        for (int timeline : timelines) {
            Optional<TimelineHistory> path = archive.history(timeline);
            if (path.isEmpty()) {
                continue;
            }
            for (Stored backup : backups) {
                BackupSummary summary = backup.summary();
                if (!TargetCheck.isInPast(path.get(), summary)) {
                    continue;
                }
                Lsn latest = WalArchive.reach(ranges, path.get(), summary.start());
                Optional<Instant> time = latest.isBefore(summary.stop())
                        ? Optional.empty()
                        : times.computeIfAbsent(latest, end -> lastCommit(archive, path.get(), summary.start(), end));
                points.add(new Points(
                        backup.id(),
                        timeline,
                        summary.stop(),
                        summary.stopTime(),
                        latest,
                        time,
                        gap(ranges, path.get(), latest)));
            }
        }
        return points;
    }

    private static Optional<Gap> gap(List<WalRange> ranges, TimelineHistory path, Lsn end) {
        return ranges.stream()
                .filter(range -> path.contains(range.timeline()))
                .map(range -> new Gap(range.timeline(), end, later(range.from(), path.startOf(range.timeline()))))
                .filter(gap -> gap.to().isAfter(end))
                .filter(gap ->
                        path.endOf(gap.timeline()).map(gap.to()::isBefore).orElse(true))
                .min(Comparator.comparing(Gap::to))
                .map(gap -> new Gap(path.timelineAt(end), gap.from(), gap.to()));
    }

    private static Lsn later(Lsn one, Lsn other) {
        return one.isAfter(other) ? one : other;
    }

    /** Looks at the last segment, then at more of them, each time to the end. */
    private static Optional<Instant> lastCommit(WalArchive archive, TimelineHistory path, Lsn start, Lsn end) {
        int timeline = path.timelineAt(end.plus(-1));
        Lsn first = later(start, path.startOf(timeline));
        SegmentName last = SegmentName.of(timeline, end.plus(-1), archive.segmentSize());
        for (int back = 0; back <= SEGMENTS_BACK; back = back * 2 + 1) {
            long from = Math.max(
                    first.segmentStart(archive.segmentSize()).value(),
                    last.start().value() - (long) back * archive.segmentSize());
            Optional<Instant> found = lastCommit(archive, timeline, new Lsn(from), end);
            if (found.isPresent() || from <= first.value()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Instant> lastCommit(WalArchive archive, int timeline, Lsn from, Lsn end) {
        try (WalBytes wal = archive.read(timeline, from)) {
            ScanSummary scan = TransactionScan.run(WalReader.fromFirstRecordAfter(wal, from), end, transaction -> true);
            return scan.lastCommit();
        } catch (PostgresException e) {
            if (e.code().equals("WAL_START_NOT_FOUND")) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
