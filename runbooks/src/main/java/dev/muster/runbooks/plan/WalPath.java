package dev.muster.runbooks.plan;

import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** How far stored WAL leads from a backup along a timeline's ancestry. Pure. */
final class WalPath {
    private WalPath() {}

    /**
     * Where replay ends.
     *
     * @param timeline that the end is on
     * @param end the first byte that is missing
     * @param arrived whether it is on the wanted timeline
     */
    record Reach(int timeline, WalPosition end, boolean arrived) {
        /** Whether WAL up to the position, on the wanted timeline, is there. */
        boolean covers(WalPosition position) {
            return arrived && !position.isAfter(end);
        }
    }

    /**
     * Follows WAL from where a backup's replay starts to another timeline.
     *
     * @return empty if the wanted timeline does not descend from the backup's at or after the backup's end
     */
    static Optional<Reach> from(RepositoryObservation repository, RepositoryObservation.Backup backup, int wanted) {
        int timeline = backup.timeline();
        Deque<RepositoryObservation.TimelineSwitch> switches = new ArrayDeque<>();
        Set<Integer> seen = new HashSet<>();
        for (int at = wanted; at != timeline; ) {
            int child = at;
            Optional<RepositoryObservation.TimelineSwitch> parent = repository.timelines().stream()
                    .filter(each -> each.timeline() == child)
                    .findFirst();
            if (parent.isEmpty() || !seen.add(at)) {
                return Optional.empty();
            }
            switches.push(parent.get());
            at = parent.get().parent();
        }
        int current = timeline;
        WalPosition position = backup.start();
        for (RepositoryObservation.TimelineSwitch next : switches) {
            if (next.at().isBefore(position) || next.at().isBefore(backup.stop())) {
                return Optional.empty();
            }
            WalPosition end = end(repository, current, position);
            if (end.isBefore(next.at())) {
                return Optional.of(new Reach(current, end, false));
            }
            position = next.at();
            current = next.timeline();
        }
        return Optional.of(new Reach(current, end(repository, current, position), true));
    }

    private static WalPosition end(RepositoryObservation repository, int timeline, WalPosition position) {
        return repository.wal().stream()
                .filter(range -> range.timeline() == timeline
                        && !range.from().isAfter(position)
                        && !range.to().isBefore(position))
                .map(RepositoryObservation.WalRange::to)
                .max(WalPosition::compareTo)
                .orElse(position);
    }
}
