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

    /** Seconds; long enough for the caches that ignore less, short enough for most RTOs. */
    int DEFAULT_TTL = 30;

    long DEFAULT_TIMEOUT = 30;

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

    /**
     * Dynamic update of DNS (RFC 2136).
     *
     * @param record the name, absolute or inside of the zone
     * @param ttlSeconds of the record set, 0 to 86400
     * @param server that takes updates
     * @param key TSIG; null where the server takes updates by address
     * @param resolvers asked beside the zone's own servers
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Dns(
            String name,
            String endpoint,
            String zone,
            String record,
            RecordType type,
            int ttlSeconds,
            Member.Address server,
            @Nullable Tsig key,
            List<Member.Address> resolvers,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final int PORT = 53;

        public Dns {
            Name.check("traffic", name);
            resolvers = List.copyOf(resolvers);
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
     * @param addresses of all HAProxies of the endpoint: {@code tcp://host:port} or {@code unix:/path}
     * @param drainSeconds how long open sessions may go on before they are cut
     */
    record HaProxy(
            String name,
            String endpoint,
            List<String> addresses,
            String backend,
            long drainSeconds,
            Map<String, List<String>> targets)
            implements Traffic {
        public static final long DEFAULT_DRAIN = 30;

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
     * @param ttlSeconds of the record set, 0 to 86400
     * @param url of another server of the same interface; null for Amazon's
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Route53(
            String name,
            String endpoint,
            String zone,
            String record,
            RecordType type,
            Policy policy,
            int ttlSeconds,
            @Nullable URI url,
            Map<String, List<String>> targets)
            implements Traffic {
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
     * @param status where the state is asked for; null where it cannot be, which the run's report says
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Webhook(
            String name,
            String endpoint,
            URI url,
            @Nullable SecretReference secret,
            @Nullable URI status,
            long timeoutSeconds,
            Map<String, List<String>> targets)
            implements Traffic {
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
     */
    record Command(String name, String endpoint, String command, long timeoutSeconds, Map<String, List<String>> targets)
            implements Traffic {
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
