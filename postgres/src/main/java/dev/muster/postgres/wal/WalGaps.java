package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is missing between stored WAL: within a timeline, and where one timeline leaves another. What is missing before
 * the oldest WAL of all is no gap: nothing there leads anywhere.
 */
final class WalGaps {
    private final List<WalRange> ranges;
    private final Set<WalRange> gaps = new LinkedHashSet<>();

    private WalGaps(List<WalRange> ranges) {
        this.ranges = ranges;
    }

    /** @param ranges by timeline and position */
    static List<WalRange> of(List<WalRange> ranges, Map<Integer, TimelineHistory> histories) {
        WalGaps gaps = new WalGaps(ranges);
        Optional<WalRange> before = Optional.empty();
        for (WalRange range : ranges) {
            TimelineHistory history = histories.get(range.timeline());
            if (before.isPresent() && before.get().timeline() == range.timeline()) {
                gaps.add(range.timeline(), before.get().to(), range.from());
            } else if (history != null) {
                gaps.upTo(range, history.ancestors());
            }
            before = Optional.of(range);
        }
        return List.copyOf(gaps.gaps);
    }

    /** Back along the way to a timeline, to the first ancestor that has WAL; one in between may have none at all. */
    private void upTo(WalRange first, List<TimelineHistory.Ancestor> ancestors) {
        List<WalRange> missing = new ArrayList<>();
        int timeline = first.timeline();
        Lsn stored = first.from();
        for (int i = ancestors.size() - 1; i >= 0; i--) {
            TimelineHistory.Ancestor ancestor = ancestors.get(i);
            missing.add(new WalRange(timeline, ancestor.end(), stored));
            Optional<WalRange> last = ranges.stream()
                    .filter(range -> range.timeline() == ancestor.timeline())
                    .filter(range -> range.from().isBefore(ancestor.end()))
                    .reduce((older, newer) -> newer);
            if (last.isPresent()) {
                add(ancestor.timeline(), last.get().to(), ancestor.end());
                missing.forEach(gap -> add(gap.timeline(), gap.from(), gap.to()));
                return;
            }
            timeline = ancestor.timeline();
            stored = ancestor.end();
        }
    }

    private void add(int timeline, Lsn from, Lsn to) {
        if (from.isBefore(to)) {
            gaps.add(new WalRange(timeline, from, to));
        }
    }
}
