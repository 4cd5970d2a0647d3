package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the members of a database follow their primary.
 *
 * @param synchronous what a commit waits for; null where it waits for no standby
 * @param user the role that standbys connect as; null for the user of the upstream's connection
 * @param password null where the server asks for none
 * @param lagLimitBytes a candidate that lacks more of the primary's last known WAL is refused, unless the run says
 *     otherwise; above 0
 * @param automaticFailover whether a failover may begin without an approval, where a fence proved the primary stopped
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Replication(
        Mode mode,
        @Nullable Synchronous synchronous,
        @Nullable String user,
        @Nullable SecretReference password,
        long lagLimitBytes,
        boolean automaticFailover) {
    /** Four segments: more than a healthy standby ever lacks, less than anybody would call a copy. */
    public static final long DEFAULT_LAG_LIMIT = 64_000_000;

    /** What a database has that says nothing about it. */
    public static final Replication DEFAULT =
            new Replication(Mode.ASYNCHRONOUS, null, null, null, DEFAULT_LAG_LIMIT, false);

    public Replication {
        if ((synchronous != null) != (mode == Mode.SYNCHRONOUS)) {
            throw new IllegalArgumentException("Synchronous replication says for whom a commit waits, other does not");
        }
        if (lagLimitBytes < 1) {
            throw new IllegalArgumentException("A lag limit is above 0, not " + lagLimitBytes);
        }
    }

    /** Whether a commit waits for standbys. */
    public enum Mode {
        ASYNCHRONOUS("asynchronous"),
        SYNCHRONOUS("synchronous");

        private final String id;

        Mode(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /** Which of the named standbys a commit waits for. */
    public enum Choice {
        /** So many of them, whichever answer first. */
        ANY("any"),
        /** The first so many that are there, in the order of the list. */
        FIRST("first");

        private final String id;

        Choice(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /**
     * What {@code synchronous_standby_names} says.
     *
     * @param count 1 to the number of members that are no primary
     * @param members names of members; the one that is the primary is passed over, so that the setting is the same
     *     whoever it is
     */
    public record Synchronous(Choice choice, int count, List<String> members) {
        public Synchronous {
            members = List.copyOf(members);
            if (count < 1 || count > members.size()) {
                throw new IllegalArgumentException(
                        "A commit waits for 1 to " + members.size() + " standbys, not for " + count);
            }
        }

        /** The setting of the server, where members stream under their own names. */
        public String setting() {
            return members.stream()
                    .map(member -> '"' + member + '"')
                    .collect(Collectors.joining(", ", (choice == Choice.ANY ? "ANY " : "FIRST ") + count + " (", ")"));
        }

        /** The standbys that can confirm a commit of this primary. */
        public List<String> standbysOf(String primary) {
            return members.stream().filter(member -> !member.equals(primary)).toList();
        }
    }
}
