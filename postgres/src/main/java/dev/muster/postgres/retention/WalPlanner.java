package dev.muster.postgres.retention;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.StoredWal;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides which WAL of one cluster is kept: for each backup what makes it consistent; and, without a gap, all from the
 * newest backup before the window on, along each timeline that still matters.
 */
final class WalPlanner {
    private final WalPolicy policy;
    private final WalFiles files;
    private final List<WalBackup> backups;
    private final Map<Integer, TimelineHistory> histories;
    private final Instant now;
    private final Instant storeNow;
    private final List<WalNeed> needs = new ArrayList<>();
    private final List<String> doubts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * @param backups all committed ones of this cluster, at least one
     * @param histories of every timeline whose history file is in the store
     * @param now for the window
     * @param storeNow by the store's clock, for the age of objects
     */
    WalPlanner(
            WalPolicy policy,
            WalFiles files,
            List<WalBackup> backups,
            Map<Integer, TimelineHistory> histories,
            Instant now,
            Instant storeNow) {
        this.policy = policy;
        this.files = files;
        this.backups = backups.stream()
                .sorted(Comparator.comparingInt(
                                (WalBackup backup) -> backup.summary().timeline())
                        .thenComparing(backup -> backup.summary().start()))
                .toList();
        this.histories = histories;
        this.now = now;
        this.storeNow = storeNow;
        this.doubts.addAll(files.doubts());
    }

    ClusterWal plan() {
        backups.forEach(this::consistent);
        leaves().forEach(this::continuous);
        List<ExpiredWal> expired = new ArrayList<>();
        Set<Integer> kept = new TreeSet<>();
        backups.forEach(backup -> kept.add(backup.summary().timeline()));
        for (WalFiles.File file : files.files()) {
            Optional<ExpiredWal> end = end(file);
            end.ifPresentOrElse(
                    expired::add, () -> kept.add(file.wal().segment().timeline()));
        }
        int oldest = kept.stream().mapToInt(Integer::intValue).min().orElse(1);
        // A history in the middle stays: PostgreSQL takes the first number without one for a new timeline.
        files.histories().forEach((timeline, object) -> {
            if (timeline < oldest) {
                expired.add(expired(object, ExpiredWal.Why.TIMELINE_ENDED, Optional.empty()));
            }
        });
        int all = files.files().size() + files.histories().size();
        String systemId = backups.get(0).summary().systemId();
        return new ClusterWal(
                systemId, needs, expired, doubts.isEmpty() ? all - expired.size() : all, doubts, warnings);
    }

    private Optional<ExpiredWal> end(WalFiles.File file) {
        if (needs.stream().noneMatch(need -> need.covers(file.wal().segment()))) {
            return Optional.of(expired(file.info(), ExpiredWal.Why.NO_BACKUP_NEEDS_IT, Optional.empty()));
        }
        Instant settled = storeNow.minus(policy.partsAfter());
        return files.wholeOf(file)
                .filter(whole -> !file.wal().whole() && !whole.info().modified().isAfter(settled))
                .map(whole -> expired(file.info(), ExpiredWal.Why.WHOLE_SEGMENT_IS_STORED, Optional.of(whole.wal())));
    }

    private static ExpiredWal expired(ObjectInfo object, ExpiredWal.Why why, Optional<StoredWal> whole) {
        return new ExpiredWal(object.key(), object.size(), why, whole);
    }

    /** One segment more than the backup's end: PostgreSQL reads ahead while it replays the end. */
    private void consistent(WalBackup backup) {
        Optional<TimelineHistory> path = path(backup.summary().timeline());
        if (path.isEmpty()) {
            doubts.add("the history of timeline " + backup.summary().timeline() + ", on which the backup " + backup.id()
                    + " was made, is not in the store");
            return;
        }
        Lsn start = backup.summary().start();
        Lsn stop = backup.summary().stop();
        Lsn end = stop.segmentStart(backup.summary().segmentSize())
                .plus(backup.summary().segmentSize());
        needs.add(
                new WalNeed(path.get(), start, Optional.of(end), "it makes the backup " + backup.id() + " consistent"));
        Lsn reached = files.reach(path.get(), start);
        if (reached.isBefore(stop)) {
            warnings.add("the backup " + backup.id() + " cannot be made consistent: it needs WAL from " + start + " to "
                    + stop + ", and the store lacks it from " + reached);
        }
    }

    /** The timelines that somebody may want the newest state of. */
    private Set<Integer> leaves() {
        Instant begin = storeNow.minus(policy.window());
        Set<Integer> leaves = new TreeSet<>();
        IntStream.concat(
                        files.histories().keySet().stream().mapToInt(Integer::intValue),
                        Stream.concat(
                                        files.files().stream()
                                                .map(file ->
                                                        file.wal().segment().timeline()),
                                        backups.stream()
                                                .map(backup -> backup.summary().timeline()))
                                .mapToInt(Integer::intValue))
                .max()
                .ifPresent(leaves::add);
        backups.stream()
                .filter(this::inWindow)
                .forEach(backup -> leaves.add(backup.summary().timeline()));
        files.files().stream()
                .filter(file -> file.info().modified().isAfter(begin))
                .forEach(file -> leaves.add(file.wal().segment().timeline()));
        return leaves;
    }

    private boolean inWindow(WalBackup backup) {
        return backup.time().isAfter(now.minus(policy.window()));
    }

    private void continuous(int timeline) {
        Optional<TimelineHistory> known = path(timeline);
        if (known.isEmpty()) {
            doubts.add("the history of timeline " + timeline + " is not in the store");
            return;
        }
        TimelineHistory path = known.get();
        List<WalBackup> usable =
                backups.stream().filter(backup -> leadsTo(backup, path)).toList();
        // Up to the first one in the window: a later one with an earlier time had a wrong clock.
        Optional<WalBackup> anchor =
                usable.stream().takeWhile(backup -> !inWindow(backup)).reduce((older, newer) -> newer);
        Optional<WalBackup> first = Stream.concat(
                        anchor.stream(), usable.stream().filter(this::inWindow))
                .min(Comparator.comparing(backup -> backup.summary().start()));
        if (first.isEmpty()) {
            warnings.add("no backup leads to timeline " + timeline + "; its WAL stays");
            needs.add(new WalNeed(
                    path, path.startOf(timeline), Optional.empty(), "timeline " + timeline + " has no backup yet"));
            return;
        }
        Lsn start = first.get().summary().start();
        needs.add(new WalNeed(
                path,
                start,
                Optional.empty(),
                "recovery along timeline " + timeline + " begins with the backup "
                        + first.get().id()));
        requireNoGap(first.get(), path, start);
    }

    private void requireNoGap(WalBackup first, TimelineHistory path, Lsn start) {
        Lsn reached = files.reach(path, start);
        Lsn newest = files.end(path.timeline())
                .filter(end -> end.isAfter(first.summary().stop()))
                .orElse(first.summary().stop());
        if (reached.isBefore(newest)) {
            doubts.add("WAL from the backup " + first.id() + " on has a gap: timeline " + path.timelineAt(reached)
                    + " goes on to " + newest + ", and the store lacks it from " + reached);
        }
    }

    private static boolean leadsTo(WalBackup backup, TimelineHistory path) {
        int timeline = backup.summary().timeline();
        return path.contains(timeline)
                && path.endOf(timeline)
                        .map(left -> !backup.summary().stop().isAfter(left))
                        .orElse(true);
    }

    private Optional<TimelineHistory> path(int timeline) {
        TimelineHistory known = histories.get(timeline);
        if (known != null) {
            return Optional.of(known);
        }
        return timeline == 1 ? Optional.of(TimelineHistory.first()) : Optional.empty();
    }
}
