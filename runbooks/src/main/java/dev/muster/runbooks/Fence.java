package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A way to make sure that a primary does not write any more, before another member is promoted. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Fence.Host.class, name = Fence.HOST),
    @JsonSubTypes.Type(value = Fence.Command.class, name = Fence.COMMAND),
    @JsonSubTypes.Type(value = Fence.Lease.class, name = Fence.LEASE),
    @JsonSubTypes.Type(value = Fence.Statement.class, name = Fence.STATEMENT)
})
public sealed interface Fence {
    String HOST = "host";
    String COMMAND = "command";
    String LEASE = "lease";
    String STATEMENT = "statement";

    /** As systems write it. */
    String method();

    /** Whether it is proved by a machine: a failover without a person needs one that is. */
    default boolean provesWithoutAPerson() {
        return !(this instanceof Statement);
    }

    /** Whether it can succeed while nothing at the primary's site answers. */
    default boolean worksWhenSiteIsSilent() {
        return !(this instanceof Host);
    }

    /** The member's host worker persists the fence and stops PostgreSQL. */
    record Host() implements Fence {
        @Override
        public String method() {
            return HOST;
        }
    }

    /**
     * A command that cuts the member off from outside: power, hypervisor, cloud.
     *
     * @param command an entry of the allow-list of the site workers of another site; exit code 0 is proof
     * @param timeoutSeconds after it the outcome is unknown, which is no proof
     */
    record Command(String command, long timeoutSeconds) implements Fence {
        public static final long DEFAULT_TIMEOUT = 30;

        public Command {
            Name.check("command", command);
            bounded("A fence's time-out", timeoutSeconds, 1, 600);
        }

        @Override
        public String method() {
            return COMMAND;
        }
    }

    /**
     * A lease in etcd that the primary must hold: it stops itself before the lease can pass on.
     *
     * @param endpoints at least three, one for each voter
     * @param ttlSeconds {@link #SHORTEST} to {@link #LONGEST}
     * @param prefix of the lease's key
     * @param user null where etcd asks for none
     * @param certificates null for what the Java runtime trusts
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Lease(
            List<String> endpoints,
            long ttlSeconds,
            String prefix,
            @Nullable String user,
            @Nullable SecretReference password,
            @Nullable Certificates certificates)
            implements Fence {
        public static final long DEFAULT_TTL = 10;

        /** Below it a pause of the collector or of a disk costs the primary its lease. */
        public static final long SHORTEST = 3;

        public static final long LONGEST = 300;
        public static final int FEWEST_ENDPOINTS = 3;
        public static final String DEFAULT_PREFIX = "/muster";

        public Lease {
            endpoints = List.copyOf(endpoints);
            if (endpoints.size() < FEWEST_ENDPOINTS) {
                throw new IllegalArgumentException("A lease has at least three endpoints, not " + endpoints.size());
            }
            bounded("A lease's ttl", ttlSeconds, SHORTEST, LONGEST);
        }

        @Override
        public String method() {
            return LEASE;
        }
    }

    /**
     * For TLS with etcd.
     *
     * @param authority path of the certificates that etcd's are signed by
     * @param certificate path of the client's; null where etcd asks for none
     * @param key of the client's certificate
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Certificates(
            String authority,
            @Nullable String certificate,
            @Nullable SecretReference key) {}

    /**
     * A person states that the primary is down, and accepts the interval of loss that is shown.
     *
     * @param role that this person must have
     */
    record Statement(String role) implements Fence {
        public static final String DEFAULT_ROLE = "incident-commander";

        public Statement {
            Name.check("role", role);
        }

        @Override
        public String method() {
            return STATEMENT;
        }
    }

    private static void bounded(String what, long seconds, long least, long most) {
        if (seconds < least || seconds > most) {
            throw new IllegalArgumentException(what + " is " + least + "s to " + most + "s, not " + seconds + "s");
        }
    }
}
