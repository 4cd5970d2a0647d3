package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What decides which site an endpoint's clients reach, and how it is told. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "driver")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Traffic.Dns.class, name = Traffic.DNS),
    @JsonSubTypes.Type(value = Traffic.HaProxy.class, name = Traffic.HAPROXY),
    @JsonSubTypes.Type(value = Traffic.Route53.class, name = Traffic.ROUTE53),
    @JsonSubTypes.Type(value = Traffic.Webhook.class, name = Traffic.WEBHOOK),
    @JsonSubTypes.Type(value = Traffic.Command.class, name = Traffic.COMMAND)
})
public sealed interface Traffic {
    String DNS = "dns";
    String HAPROXY = "haproxy";
    String ROUTE53 = "route53";
    String WEBHOOK = "webhook";
    String COMMAND = "command";

    String name();

    /** The endpoint whose clients it leads. */
    String endpoint();

    /**
     * What traffic goes to, by site or by member: addresses or a name for DNS, server names of the backend for HAProxy;
     * may be empty for the others.
     */
    Map<String, List<String>> targets();

    /** The name of the target that leads to a member: its own where there is one, else its site's. */
    default String targetOf(Member member) {
        return targets().containsKey(member.name()) ? member.name() : member.site();
    }

    /** As systems write it. */
    String driver();

    /**
     * Dynamic update of DNS (RFC 2136).
     *
     * @param record the name, inside of the zone
     * @param ttlSeconds of the records in quiet times, 1 to 604800
     * @param switchTtlSeconds of the records from the preparation of a switch until it is settled; not above the other
     * @param server that takes updates
     * @param key TSIG; null where the server takes updates by address
     * @param resolvers asked beside the zone's own servers
     * @param nameServers where servers of the zone are found whose names are not known here or whose port is not 53
     * @param timeoutSeconds of each exchange
     * @param targets addresses, or one name with a last dot
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Dns(
            String name,
            String endpoint,
            String zone,
            String record,
            long ttlSeconds,
            long switchTtlSeconds,
            Member.Address server,
            @Nullable Tsig key,
            List<Member.Address> resolvers,
            Map<String, Member.Address> nameServers,
            long timeoutSeconds,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final int PORT = 53;
        public static final long DEFAULT_TTL = 300;
        public static final long DEFAULT_SWITCH_TTL = 30;
        public static final long DEFAULT_TIMEOUT = 3;

        public Dns {
            Name.check("traffic", name);
            if (switchTtlSeconds > ttlSeconds) {
                throw new IllegalArgumentException("A TTL during a switch is not longer than in quiet times");
            }
            resolvers = List.copyOf(resolvers);
            nameServers = Map.copyOf(nameServers);
            targets = copy(targets);
        }

        @Override
        public String driver() {
            return DNS;
        }
    }

    /**
     * @param name as both ends know the key
     * @param algorithm such as hmac-sha256
     * @param secret in base64, as BIND writes it
     */
    record Tsig(String name, String algorithm, SecretReference secret) {
        public static final String DEFAULT_ALGORITHM = "hmac-sha256";
    }

    /**
     * HAProxy's runtime API.
     *
     * @param addresses of all HAProxies of the endpoint: {@code tcp:HOST:PORT} or {@code unix:/PATH}
     * @param drainSeconds how long open sessions may go on
     * @param closeRest whether those that are left then are cut
     * @param timeoutSeconds of each command
     * @param targets names of servers of the backend
     */
    record HaProxy(
            String name,
            String endpoint,
            List<String> addresses,
            String backend,
            long drainSeconds,
            boolean closeRest,
            long timeoutSeconds,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final long DEFAULT_DRAIN = 30;
        public static final long DEFAULT_TIMEOUT = 5;

        public HaProxy {
            Name.check("traffic", name);
            addresses = List.copyOf(addresses);
            targets = copy(targets);
        }

        @Override
        public String driver() {
            return HAPROXY;
        }
    }

    /** The type of a record set. */
    enum RecordType {
        A("A"),
        AAAA("AAAA"),
        CNAME("CNAME");

        private final String id;

        RecordType(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /** How several records of one name share its traffic. */
    enum Policy {
        SIMPLE("simple"),
        WEIGHTED("weighted"),
        FAILOVER("failover");

        private final String id;

        Policy(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /**
     * Route 53, with the credentials of the worker.
     *
     * @param zone the hosted zone's id
     * @param ttlSeconds of a simple record after a switch, 0 to 604800
     * @param url of another server of the same interface; null for Amazon's
     * @param timeoutSeconds of each request with its repeats
     * @param targets values of the record where the policy is simple; else one record set's identifier
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Route53(
            String name,
            String endpoint,
            String zone,
            String record,
            RecordType type,
            Policy policy,
            long ttlSeconds,
            @Nullable URI url,
            long timeoutSeconds,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final long DEFAULT_TTL = 30;
        public static final long DEFAULT_TIMEOUT = 30;

        public Route53 {
            Name.check("traffic", name);
            targets = copy(targets);
        }

        @Override
        public String driver() {
            return ROUTE53;
        }
    }

    /**
     * An HTTP request that says what is wanted.
     *
     * @param secret signs the request; null where it is not signed
     * @param status where the state is asked for; null where it cannot be
     * @param timeoutSeconds of each attempt
     * @param attempts at a change that was certainly not taken, 1 to 10
     * @param acceptUnverified that without a status no switch is proved
     * @param targets may be empty: then its sites are those of the members behind the endpoint
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Webhook(
            String name,
            String endpoint,
            URI url,
            @Nullable SecretReference secret,
            @Nullable URI status,
            long timeoutSeconds,
            int attempts,
            boolean acceptUnverified,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final long DEFAULT_TIMEOUT = 30;
        public static final int DEFAULT_ATTEMPTS = 3;

        public Webhook {
            Name.check("traffic", name);
            targets = copy(targets);
        }

        @Override
        public String driver() {
            return WEBHOOK;
        }
    }

    /**
     * A command of the site workers.
     *
     * @param command an entry of their allow-list
     * @param timeoutSeconds after it the outcome is unknown
     * @param reports whether it can be asked where traffic goes
     * @param acceptUnverified that without a report no switch is proved
     * @param targets may be empty: then its sites are those of the members behind the endpoint
     */
    record Command(
            String name,
            String endpoint,
            String command,
            long timeoutSeconds,
            boolean reports,
            boolean acceptUnverified,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final long DEFAULT_TIMEOUT = 30;

        public Command {
            Name.check("traffic", name);
            Name.check("command", command);
            targets = copy(targets);
        }

        @Override
        public String driver() {
            return COMMAND;
        }
    }

    private static Map<String, List<String>> copy(Map<String, List<String>> targets) {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        targets.forEach((site, names) -> copy.put(site, List.copyOf(names)));
        return Collections.unmodifiableMap(copy);
    }
}
