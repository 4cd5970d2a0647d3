package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.members.Observation.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What several observations say together. Pure: asks nobody.
 *
 * @param primaries members that take writes; more than one is an alarm
 * @param standbys members in recovery
 * @param upstreams from whom each standby streams, where the upstream was seen to send to it
 * @param lags of each standby against the one primary; empty unless there is exactly one
 * @param unknown members of the system that did not answer
 * @param strangers by member, the application names that stream from it and are no members
 * @param alarms what a person must look at, each a sentence
 */
public record ReplicationStatus(
        Set<String> primaries,
        Set<String> standbys,
        Map<String, String> upstreams,
        Map<String, Lag> lags,
        Set<String> unknown,
        Map<String, Set<String>> strangers,
        List<String> alarms) {
    public ReplicationStatus {
        primaries = Set.copyOf(primaries);
        standbys = Set.copyOf(standbys);
        upstreams = Map.copyOf(upstreams);
        lags = Map.copyOf(lags);
        unknown = Set.copyOf(unknown);
        strangers = Map.copyOf(strangers);
        alarms = List.copyOf(alarms);
    }

    /**
     * @param members all names of the system
     * @param receivers application names that are no standbys, such as {@code muster-wal}, the store's receiver
     * @param seen at most one of each member
     */
    public static ReplicationStatus judge(Set<String> members, Set<String> receivers, Collection<Observation> seen) {
        Map<String, Observation> byName = new TreeMap<>();
        for (Observation one : seen) {
            if (!members.contains(one.member()) || byName.put(one.member(), one) != null) {
                throw new IllegalArgumentException("Not one observation of a member: " + one.member());
            }
        }
        Set<String> primaries = new TreeSet<>();
        Set<String> standbys = new TreeSet<>();
        byName.values().forEach(one -> (one.inRecovery() ? standbys : primaries).add(one.member()));
        Set<String> unknown = new TreeSet<>(members);
        unknown.removeAll(byName.keySet());
        Map<String, String> upstreams = new TreeMap<>();
        Map<String, Set<String>> strangers = new TreeMap<>();
        byName.values().forEach(one -> senders(one, members, receivers, upstreams, strangers));
        Optional<Observation> primary = primaries.size() == 1
                ? byName.values().stream().filter(one -> !one.inRecovery()).findFirst()
                : Optional.empty();
        List<String> alarms = new ArrayList<>();
        roles(primaries, unknown, alarms);
        primary.ifPresent(one -> strangersToIt(one, byName.values(), alarms));
        byName.values().forEach(one -> lostSlots(one, alarms));
        cycles(upstreams, alarms);
        standbys.stream()
                .filter(one -> !upstreams.containsKey(one))
                .forEach(one -> alarms.add("Standby " + one + " is not seen to stream from any member"));
        strangers.forEach((member, names) -> names.forEach(
                name -> alarms.add("'" + name + "' streams from " + member + " and is no member of the system")));
        return new ReplicationStatus(
                primaries, standbys, upstreams, lags(primary, byName.values()), unknown, strangers, alarms);
    }

    private static void senders(
            Observation one,
            Set<String> members,
            Set<String> receivers,
            Map<String, String> upstreams,
            Map<String, Set<String>> strangers) {
        for (Observation.Sender sender : one.senders()) {
            if (members.contains(sender.applicationName())) {
                upstreams.put(sender.applicationName(), one.member());
            } else if (!receivers.contains(sender.applicationName())) {
                strangers.computeIfAbsent(one.member(), name -> new TreeSet<>()).add(sender.applicationName());
            }
        }
    }

    private static void roles(Set<String> primaries, Set<String> unknown, List<String> alarms) {
        if (primaries.size() > 1) {
            alarms.add("More than one member takes writes: " + String.join(", ", primaries));
        } else if (primaries.isEmpty() && unknown.isEmpty()) {
            alarms.add("No member takes writes");
        } else if (primaries.isEmpty()) {
            alarms.add("No member that answered takes writes; not known: " + String.join(", ", unknown));
        }
    }

    private static void strangersToIt(Observation primary, Collection<Observation> all, List<String> alarms) {
        for (Observation one : all) {
            if (!one.systemId().equals(primary.systemId())) {
                alarms.add("Member " + one.member() + " is of another system, " + one.systemId());
            } else if (one.timeline() != primary.timeline()) {
                alarms.add("Member " + one.member() + " is on timeline " + one.timeline() + ", primary "
                        + primary.member() + " on " + primary.timeline());
            }
            if (one.position().durable().isAfter(durable(primary))
                    && one.observedAt().isBefore(primary.observedAt())) {
                alarms.add("Member " + one.member() + " has WAL beyond primary " + primary.member());
            }
        }
    }

    private static Lsn durable(Observation primary) {
        return primary.position().durable();
    }

    private static void lostSlots(Observation one, List<String> alarms) {
        one.slots().stream()
                .filter(Observation.Slot::lost)
                .forEach(slot -> alarms.add("Slot " + slot.name() + " on " + one.member() + " has lost its WAL"));
    }

    private static void cycles(Map<String, String> upstreams, List<String> alarms) {
        for (String member : upstreams.keySet()) {
            Optional<String> at = Optional.ofNullable(upstreams.get(member));
            for (int steps = 0; steps < upstreams.size() && !at.equals(Optional.of(member)); steps++) {
                at = at.map(upstreams::get);
            }
            if (at.equals(Optional.of(member))) {
                alarms.add("Member " + member + " streams from itself, over others or directly");
            }
        }
    }

    private static Map<String, Lag> lags(Optional<Observation> primary, Collection<Observation> all) {
        Map<String, Lag> lags = new LinkedHashMap<>();
        for (Observation one : all) {
            if (primary.isPresent()
                    && one.position() instanceof Position.Replaying standby
                    && one.systemId().equals(primary.get().systemId())) {
                lags.put(
                        one.member(),
                        Lag.of(durable(primary.get()), primary.get().serverTime(), standby));
            }
        }
        return lags;
    }

    /** Empty if it is no standby that answered, or there is not exactly one primary. */
    public Optional<Lag> lagOf(String member) {
        return Optional.ofNullable(lags.get(member));
    }

    /** Members below one, nearest first: who follows when it is promoted. */
    public List<String> below(String member) {
        List<String> below = new ArrayList<>(List.of(member));
        for (int i = 0; i < below.size(); i++) {
            String upstream = below.get(i);
            new TreeMap<>(upstreams).forEach((child, parent) -> {
                if (parent.equals(upstream) && !below.contains(child)) {
                    below.add(child);
                }
            });
        }
        return List.copyOf(below.subList(1, below.size()));
    }
}
