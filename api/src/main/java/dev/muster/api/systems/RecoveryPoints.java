package dev.muster.api.systems;

import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedTimelineSwitch;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.SourceIndex;
import dev.muster.runbooks.WalPosition;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * To which points a database can be brought back, as pure code: from the end of each backup along the stored WAL of its
 * timeline to the first gap, and from there along the timelines that left it.
 */
final class RecoveryPoints {
    private RecoveryPoints() {}

    /** Points without a gap between them. */
    @Schema(name = "RecoveryInterval", description = "Points without a gap between them")
    record Interval(
            String database,
            int timeline,

            @Schema(description = "The first point, as PostgreSQL writes it", example = "0/3000120")
            String fromLsn,

            @Schema(description = "The end of the stored WAL")
            String toLsn,

            @Schema(
                    description = "When the earliest of the backups was consistent; absent on timelines that left a"
                            + " backup's own")
            @Nullable Instant fromTime,

            @Schema(
                    description = "The newest commit in the stored WAL; absent if not known, or not at this interval's"
                            + " end")
            @Nullable Instant toTime,

            @Schema(description = "Backups that it can be reached from, newest first")
            List<String> backups) {}

    private record Place(int timeline, WalPosition from, WalPosition to) {}

    private static final class Found {
        final List<IndexedBackup> backups = new ArrayList<>();

        @Nullable WalPosition from;

        @Nullable Instant fromTime;
    }

    static List<Interval> of(SourceIndex index) {
        Map<String, Found> byRange = new TreeMap<>();
        List<Place> places = new ArrayList<>();
        for (IndexedBackup backup : index.backups()) {
            follow(index, backup, backup.timeline(), WalPosition.parse(backup.stopLsn()), places, byRange, 0);
        }
        int newest = places.stream().mapToInt(Place::timeline).max().orElse(0);
        Optional<WalPosition> end = places.stream()
                .filter(place -> place.timeline() == newest)
                .map(Place::to)
                .max(Comparator.naturalOrder());
        List<Interval> intervals = new ArrayList<>();
        for (Place place : places.stream().distinct().toList()) {
            Found found = java.util.Objects.requireNonNull(byRange.get(key(place)));
            WalPosition from = java.util.Objects.requireNonNull(found.from);
            boolean last = place.timeline() == newest && end.equals(Optional.of(place.to()));
            intervals.add(new Interval(
                    index.database(),
                    place.timeline(),
                    from.toString(),
                    place.to().toString(),
                    found.fromTime,
                    last ? index.walEndTime() : null,
                    found.backups.stream()
                            .map(IndexedBackup::id)
                            .distinct()
                            .sorted(Comparator.reverseOrder())
                            .toList()));
        }
        intervals.sort(Comparator.comparingInt(Interval::timeline)
                .thenComparing(interval -> WalPosition.parse(interval.fromLsn())));
        return List.copyOf(intervals);
    }

    /** No more timelines than PostgreSQL's own histories reasonably have: made-up ones must not go round in circles. */
    private static final int MOST_TIMELINES = 1000;

    private static void follow(
            SourceIndex index,
            IndexedBackup backup,
            int timeline,
            WalPosition from,
            List<Place> places,
            Map<String, Found> byRange,
            int depth) {
        Optional<Place> range = range(index, timeline, from);
        if (range.isEmpty() || depth > MOST_TIMELINES) {
            return;
        }
        Place place = range.get();
        places.add(place);
        Found found = byRange.computeIfAbsent(key(place), absent -> new Found());
        found.backups.add(backup);
        if (found.from == null || from.isBefore(found.from)) {
            found.from = from;
            found.fromTime = depth == 0 ? backup.stopTime() : null;
        }
        for (IndexedTimelineSwitch left : index.timelines()) {
            WalPosition at = WalPosition.parse(left.atLsn());
            if (left.parent() == timeline
                    && left.timeline() > timeline
                    && !at.isBefore(from)
                    && !at.isAfter(place.to())) {
                follow(index, backup, left.timeline(), at, places, byRange, depth + 1);
            }
        }
    }

    private static Optional<Place> range(SourceIndex index, int timeline, WalPosition from) {
        for (IndexedWalRange range : index.walRanges()) {
            WalPosition start = WalPosition.parse(range.fromLsn());
            WalPosition end = WalPosition.parse(range.toLsn());
            if (range.timeline() == timeline && !from.isBefore(start) && !from.isAfter(end)) {
                return Optional.of(new Place(timeline, start, end));
            }
        }
        return Optional.empty();
    }

    private static String key(Place place) {
        return place.timeline() + " " + place.from() + " " + place.to();
    }
}
