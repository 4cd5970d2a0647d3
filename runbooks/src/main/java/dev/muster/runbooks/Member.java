package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.SystemDescription.Connection;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server of a database: the primary, or a standby of it.
 *
 * @param name unique in its database; also the {@code application_name} that it streams under
 * @param host its host worker, which acts for no other member of this database
 * @param dataDirectory absolute, on the host
 * @param connection as its host worker reaches it
 * @param address as everybody else reaches it; null for the connection's
 * @param replicationSlot the slot on this server that WAL is received through
 * @param streamingSlot the slot on its upstream that it streams through as a standby; null for the default
 * @param upstream the member that it streams from while it is a standby; null for the primary
 * @param priority of two candidates for promotion the one with the lower number is tried first; 0 to 1000
 * @param promotable whether it may become the primary
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Member(
        String name,
        String site,
        String host,
        String dataDirectory,
        Connection connection,
        @Nullable Address address,
        String replicationSlot,
        @Nullable String streamingSlot,
        @Nullable String upstream,
        int priority,
        boolean promotable) {
    public static final int DEFAULT_PRIORITY = 100;
    public static final int LARGEST_PRIORITY = 1000;

    /** PostgreSQL cuts longer identifiers off, and two slots would become one. */
    private static final int LONGEST_SLOT = 63;

    private static final String SLOT_PREFIX = "muster_";

    public Member {
        Name.check("member", name);
        Name.check("site", site);
        Name.check("host", host);
        if (!dataDirectory.startsWith("/")) {
            throw new IllegalArgumentException("A data directory is an absolute path, not '" + dataDirectory + "'");
        }
        if (priority < 0 || priority > LARGEST_PRIORITY) {
            throw new IllegalArgumentException("A priority is 0 to " + LARGEST_PRIORITY + ", not " + priority);
        }
    }

    /**
     * A host and port without a user.
     *
     * @param host a name or an address
     * @param port 1 to 65535
     */
    public record Address(String host, int port) {
        public Address {
            if (host.isBlank()) {
                throw new IllegalArgumentException("An address has a host");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("A port is 1 to 65535, not " + port);
            }
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** Where standbys, probes and other sites find it. */
    public Address reachedAt() {
        return address == null ? new Address(connection.host(), connection.port()) : address;
    }

    /** The slot on its upstream. */
    public String slotOnUpstream() {
        return streamingSlot == null ? defaultStreamingSlot(name) : streamingSlot;
    }

    /** The slot on its upstream of a member that names none. */
    public static String defaultStreamingSlot(String member) {
        String slot = SLOT_PREFIX + member.replace('-', '_');
        return slot.length() <= LONGEST_SLOT ? slot : slot.substring(0, LONGEST_SLOT);
    }
}
