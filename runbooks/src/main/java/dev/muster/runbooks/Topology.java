package dev.muster.runbooks;

import java.util.List;
import java.util.Optional;

/**
 * A database's members, how they follow each other, and how each is fenced.
 *
 * @param acting the member that the database's own fields (site, host, data directory, connection, slot) are of
 * @param members in the order of the description, at least one
 * @param fence in the order of trial, at least one
 */
public record Topology(String acting, Replication replication, List<Member> members, List<Fence> fence) {
    /** How a database is fenced that says nothing about it. */
    public static final List<Fence> DEFAULT_FENCE =
            List.of(new Fence.Host(), new Fence.Statement(Fence.Statement.DEFAULT_ROLE));

    public Topology {
        members = List.copyOf(members);
        fence = List.copyOf(fence);
        if (fence.isEmpty()) {
            throw new IllegalArgumentException("A database has at least one fence");
        }
        if (members.stream().map(Member::name).distinct().count() != members.size()
                || members.stream().map(Member::host).distinct().count() != members.size()) {
            throw new IllegalArgumentException("The members of a database have names and hosts of their own");
        }
        known(members, acting);
        for (Member member : members) {
            String upstream = member.upstream();
            if (upstream != null) {
                known(members, upstream);
            }
        }
    }

    private static void known(List<Member> members, String name) {
        if (member(members, name).isEmpty()) {
            throw new IllegalArgumentException("No such member: '" + name + "'");
        }
    }

    static Optional<Member> member(List<Member> members, String name) {
        return members.stream().filter(member -> member.name().equals(name)).findFirst();
    }

    /** The same, with another member that acts. */
    Topology acting(String member) {
        return new Topology(member, replication, members, fence);
    }
}
