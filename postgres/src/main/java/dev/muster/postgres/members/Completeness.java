package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which members certainly hold every commit that the primary has acknowledged (SAFETY "Failover" 6).
 *
 * <p>With {@code ANY n} of N listed standbys, and just so with {@code FIRST n}, an acknowledged commit is on the disks
 * of n of them. Which n may differ from commit to commit: with FIRST too, since a standby that loses its connection is
 * replaced by the next one of the list, and nobody saw what happened after the last look at the primary. So the n that
 * were {@code sync} at that look prove nothing. What counts is how many of the N can be asked: among any N - n + 1 of
 * them is one that holds a given commit. WAL is one sequence, so whoever of those has the most holds what each of them
 * holds, hence everything. One standby alone is enough only where n = N.
 *
 * <p>This needs, and refuses to assume otherwise: that nobody changed the setting since it was known; that the positions
 * were read after the primary had been stopped or fenced, or a commit could come between two looks; one timeline, or
 * equal positions would mean different bytes; {@code synchronous_commit} that waits for the flush; a bounded list of
 * standbys that connect under one name each ({@code *} counts whoever comes, also programs that are no standbys).
 *
 * @param complete members that hold everything; empty if it cannot be proved of any
 * @param why for the plan and the report
 */
public record Completeness(Set<String> complete, String why) {
    public Completeness {
        complete = Set.copyOf(complete);
    }

    /**
     * The primary as it was last known.
     *
     * @param member its name, which does not count among the listed ones
     * @param timeline that it wrote
     * @param names for which standbys commits waited
     * @param commit its {@code synchronous_commit}
     * @param streaming application names that streamed from it
     * @param end the end of all its WAL, where it was stopped cleanly and this is known
     */
    public record LastKnown(
            String member,
            String systemId,
            int timeline,
            Optional<SynchronousNames> names,
            String commit,
            List<String> streaming,
            Optional<Lsn> end) {
        public LastKnown {
            streaming = List.copyOf(streaming);
        }

        /** As it was observed. */
        public static LastKnown of(Observation primary, Optional<Lsn> end) {
            return new LastKnown(
                    primary.member(),
                    primary.systemId(),
                    primary.timeline(),
                    SynchronousNames.parse(primary.synchronousNames()),
                    primary.synchronousCommit(),
                    primary.senders().stream()
                            .map(Observation.Sender::applicationName)
                            .toList(),
                    end);
        }
    }

    /** @param stopped since when the primary certainly acknowledges nothing: stopped, or its fence proved */
    public static Completeness of(LastKnown primary, Instant stopped, Collection<Observation> reachable) {
        List<Observation> counted = reachable.stream()
                .filter(one -> !one.member().equals(primary.member()))
                .filter(Observation::inRecovery)
                .filter(one -> one.systemId().equals(primary.systemId()))
                .filter(one -> one.timeline() == primary.timeline())
                .filter(one -> !one.observedAt().isBefore(stopped))
                .toList();
        if (primary.end().isPresent()) {
            Lsn end = primary.end().get();
            return new Completeness(
                    holding(counted, end), "The primary was stopped at " + end + ": whoever has that has everything.");
        }
        return primary.names()
                .map(names -> byQuorum(primary, names, counted))
                .orElseGet(() -> none("Commits waited for no standby."));
    }

    private static Completeness byQuorum(LastKnown primary, SynchronousNames names, List<Observation> counted) {
        if (!Set.of("on", "remote_apply").contains(primary.commit())) {
            return none("synchronous_commit was " + primary.commit() + ": commits were acknowledged before a standby"
                    + " had them on disk.");
        }
        if (names.anybody()) {
            return none("synchronous_standby_names has *: whoever connected counted, so the holders are not known.");
        }
        List<String> twice = primary.streaming().stream()
                .filter(names::lists)
                .collect(Collectors.groupingBy(Completeness::key, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(one -> one.getValue() > 1)
                .map(java.util.Map.Entry::getKey)
                .toList();
        if (!twice.isEmpty()) {
            return none("Several connections streamed as " + String.join(", ", twice) + ", and each counted.");
        }
        Set<String> listed = names.names().stream().map(Completeness::key).collect(Collectors.toSet());
        listed.remove(key(primary.member()));
        List<Observation> asked = counted.stream()
                .filter(one -> listed.contains(key(one.member())))
                .toList();
        int needed = listed.size() - names.count() + 1;
        if (needed < 1) {
            return none("Commits waited for " + names.count() + " of " + listed.size()
                    + " standbys, which is never satisfied: the setting is not the one that was in force.");
        }
        if (asked.size() < needed) {
            return none("Each commit is on " + names.count() + " of " + listed.size() + " standbys; " + needed
                    + " of them must be asked to meet one that has it, and " + asked.size()
                    + " could be asked after the primary had stopped.");
        }
        Lsn most = asked.stream()
                .map(one -> one.position().durable())
                .max(Lsn::compareTo)
                .orElseThrow();
        return new Completeness(
                holding(counted, most),
                "Each commit is on " + names.count() + " of " + listed.size() + " standbys, " + asked.size()
                        + " of them could be asked, so one of those has it; the furthest is at " + most + ".");
    }

    private static String key(String name) {
        return name.toLowerCase(java.util.Locale.ROOT);
    }

    private static Set<String> holding(List<Observation> counted, Lsn position) {
        return counted.stream()
                .filter(one -> !one.position().durable().isBefore(position))
                .map(Observation::member)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Completeness none(String why) {
        return new Completeness(Set.of(), why);
    }
}
