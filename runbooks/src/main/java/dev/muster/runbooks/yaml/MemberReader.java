package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Member;
import dev.muster.runbooks.Replication;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be wrong between the members of a database. */
final class MemberReader {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    private MemberReader() {}

    static void check(Fields database) {
        Fields replication = database.at("replication");
        CommonFields.secret(replication.at("password"));
        if (!database.at("members").written()) {
            if (replication.written()) {
                refuseWithoutStandby(replication);
            }
            return;
        }
        List<Fields> members = database.at("members").items();
        Names names = Names.of(database.at("members"), "member");
        members.forEach(member -> names.known(member.at("upstream")));
        checkCycles(members);
        checkHosts(members);
        checkSlots(members);
        members.forEach(member -> checkAddress(member, members.size()));
        checkSynchronous(replication, members, names);
        if (members.size() == 1 && replication.written()) {
            refuseWithoutStandby(replication);
        }
        checkCandidates(database.at("members"), members);
    }

    private static void refuseWithoutStandby(Fields replication) {
        replication.refuseKey(
                "REPLICATION_WITHOUT_STANDBY",
                "The database has one member, so nothing is replicated.",
                "Describe its standbys under 'members', or take 'replication' out.");
    }

    private static void checkCycles(List<Fields> members) {
        Map<String, String> upstreams = new HashMap<>();
        for (Fields member : members) {
            Optional<String> name = member.at("name").text();
            Optional<String> upstream = member.at("upstream").text();
            if (name.isPresent() && upstream.isPresent()) {
                upstreams.putIfAbsent(name.get(), upstream.get());
            }
        }
        Set<String> told = new HashSet<>();
        for (Fields member : members) {
            String name = member.at("name").text().orElse("");
            Set<String> path = path(name, upstreams);
            boolean closes = path.stream()
                    .reduce((one, next) -> next)
                    .map(upstreams::get)
                    .filter(name::equals)
                    .isPresent();
            if (closes && !told.contains(name)) {
                told.addAll(path);
                member.at("upstream")
                        .refuse(
                                "REPLICATION_CYCLE",
                                "The member streams from itself: "
                                        + CommonFields.shortened(String.join(" from ", path)) + " from "
                                        + CommonFields.shortened(name) + ".",
                                "Take 'upstream' out of one of them: without it a member streams from the primary.");
            }
        }
    }

    /** The members from one up to the last before the way repeats itself or ends. */
    private static Set<String> path(String from, Map<String, String> upstreams) {
        Set<String> path = new LinkedHashSet<>();
        String at = from;
        while (at != null && path.add(at)) {
            at = upstreams.get(at);
        }
        return path;
    }

    /** A host worker that acted for two members would have to guess which one a step means. */
    private static void checkHosts(List<Fields> members) {
        Map<String, String> hosts = new HashMap<>();
        for (Fields member : members) {
            member.at("host").text().ifPresent(host -> {
                String other = hosts.putIfAbsent(host, member.at("name").text().orElse(""));
                if (other != null) {
                    member.at("host")
                            .refuse(
                                    "DUPLICATE_HOST",
                                    "The member '" + CommonFields.shortened(other) + "' has the same host worker.",
                                    "Give each member its own: two workers can run on one machine under two names.");
                }
            });
        }
    }

    /** Of two standbys that share a slot of one upstream only one streams. */
    private static void checkSlots(List<Fields> members) {
        Set<String> forWal = members.stream()
                .map(member -> member.at("replicationSlot").text().orElse(DatabaseReader.DEFAULT_SLOT))
                .collect(Collectors.toSet());
        Map<String, String> slots = new HashMap<>();
        for (Fields member : members) {
            String name = member.at("name").text().orElse("");
            String slot = member.at("streamingSlot").text().orElse(Member.defaultStreamingSlot(name));
            String other = name.isEmpty() ? name : slots.getOrDefault(slot, name);
            slots.putIfAbsent(slot, name);
            if (forWal.contains(slot)) {
                refuseSlot(
                        member,
                        "The slot '" + CommonFields.shortened(slot) + "' is the one that WAL is received through.");
            } else if (!other.equals(name)) {
                refuseSlot(
                        member,
                        "The member '" + CommonFields.shortened(other) + "' streams through the slot '"
                                + CommonFields.shortened(slot) + "' too.");
            }
        }
    }

    private static void refuseSlot(Fields member, String message) {
        (member.at("streamingSlot").written() ? member.at("streamingSlot") : member.at("name"))
                .refuse("DUPLICATE_SLOT", message, "Write a 'streamingSlot' of its own.");
    }

    private static void checkAddress(Fields member, int members) {
        Fields address = member.at("address");
        Fields reached =
                address.written() ? address.at("host") : member.at("connection").at("host");
        if (members == 1 && !address.written()) {
            return;
        }
        reached.text().filter(host -> !host.isBlank()).ifPresent(host -> {
            if (!address.written() && LOOPBACK.contains(host)) {
                member.refuse(
                        "ADDRESS_IS_LOOPBACK",
                        "The other members would look for this one on their own machines: it names " + host
                                + " and no address.",
                        "Write address: {host: ..., port: ...}, as the other members and sites reach it.");
            } else {
                reached.mention(host);
            }
        });
    }

    private static void checkSynchronous(Fields replication, List<Fields> members, Names names) {
        Fields synchronous = replication.at("synchronous");
        names.allKnown(synchronous.at("members"));
        if (!replication.at("mode").text().equals(Optional.of(Replication.Mode.SYNCHRONOUS.id()))) {
            if (synchronous.written()) {
                synchronous.refuseKey(
                        "UNKNOWN_FIELD",
                        "Where replication is asynchronous a commit waits for nobody.",
                        "Write mode: synchronous, or take it out.");
            }
            return;
        }
        long count = synchronous.at("count").whole().orElse(1L);
        List<String> named = synchronous.at("members").written()
                ? texts(synchronous.at("members").items())
                : List.copyOf(names.all());
        for (Fields member : members) {
            String primary = member.at("name").text().orElse("");
            long left = named.stream().filter(name -> !name.equals(primary)).count();
            if (member.at("promotable").flag().orElse(true) && count > left && !primary.isEmpty()) {
                (synchronous.at("count").written() ? synchronous.at("count") : replication.at("mode"))
                        .refuse(
                                "SYNCHRONOUS_COUNT_TOO_HIGH",
                                "With " + CommonFields.shortened(primary) + " as the primary a commit would wait for "
                                        + count + " of " + left + " standbys, and so for ever.",
                                "Write a lower count, or name more members.");
                return;
            }
        }
    }

    private static List<String> texts(List<Fields> items) {
        return items.stream().flatMap(item -> item.text().stream()).toList();
    }

    private static void checkCandidates(Fields list, List<Fields> members) {
        long promotable = members.stream()
                .filter(member -> member.at("promotable").flag().orElse(true))
                .count();
        if (members.size() > 1 && promotable < 2) {
            list.warn(
                    "NO_CANDIDATE",
                    "At most one member may be promoted: no failover of this database can be planned.",
                    "Take 'promotable: false' from the member that is to take over.");
        }
    }
}
