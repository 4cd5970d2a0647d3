package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A protected system: what its {@code kind: System} document says, defaults filled in.
 *
 * @param drillable whether drills may inject faults into it
 * @param objectives the tier's, with the system's own overrides
 * @param scenarioObjectives what a scenario promises otherwise
 * @param checks what "recovered correctly" means for its data, made on copies
 * @param endpoints the public ways in
 * @param traffic what decides which site they lead to, in the order in which it is switched
 * @param workloads the services around the databases
 */
public record SystemDescription(
        String name,
        Tier tier,
        boolean drillable,
        Objectives objectives,
        Map<Scenario, Objectives.Overrides> scenarioObjectives,
        List<Site> sites,
        List<RepositoryPlace> repositories,
        List<Database> databases,
        List<Check> checks,
        List<Endpoint> endpoints,
        List<Traffic> traffic,
        List<Workload> workloads) {

    public SystemDescription {
        Name.check("system", name);
        scenarioObjectives = Map.copyOf(scenarioObjectives);
        sites = List.copyOf(sites);
        repositories = List.copyOf(repositories);
        databases = List.copyOf(databases);
        checks = List.copyOf(checks);
        endpoints = List.copyOf(endpoints);
        traffic = List.copyOf(traffic);
        workloads = List.copyOf(workloads);
        Set<String> knownSites = References.unique("site", sites, Site::name);
        Set<String> knownRepositories = References.unique("repository", repositories, RepositoryPlace::name);
        Set<String> knownDatabases = References.unique("database", databases, Database::name);
        References.unique("check", checks, Check::name);
        for (RepositoryPlace repository : repositories) {
            References.known("site", repository.site(), knownSites);
        }
        for (Database database : databases) {
            database.members().forEach(member -> References.known("site", member.site(), knownSites));
            References.known("repository", database.repository(), knownRepositories);
        }
        Set<String> knownEndpoints = References.unique("endpoint", endpoints, Endpoint::name);
        for (Endpoint endpoint : endpoints) {
            endpoint.behind().ifPresent(behind -> References.known("database", behind, knownDatabases));
        }
        References.unique("traffic", traffic, Traffic::name);
        for (Traffic each : traffic) {
            References.known("endpoint", each.endpoint(), knownEndpoints);
            Set<String> places = new HashSet<>(knownSites);
            databases.forEach(database -> database.members().forEach(member -> places.add(member.name())));
            each.targets().keySet().forEach(place -> References.known("site or member", place, places));
        }
        References.unique("workload", workloads, workload -> workload.name() + " at " + workload.site());
        for (Workload workload : workloads) {
            References.known("site", workload.site(), knownSites);
            if (workload.check() != null) {
                References.known("endpoint", workload.check(), knownEndpoints);
            }
        }
        for (Check check : checks) {
            if (check instanceof Check.Sql sql) {
                References.known("database", sql.database(), knownDatabases);
            }
        }
    }

    /**
     * A region or data centre.
     *
     * @param objectives of a recovery to this site, where they are not the system's
     */
    public record Site(String name, Objectives.Overrides objectives) {
        public Site {
            Name.check("site", name);
        }
    }

    /**
     * Where backups and WAL are kept.
     *
     * @param site whose worker reads it
     * @param store the object store's URL, such as {@code file:///var/lib/muster/store}; without credentials
     * @param key the key file that opens it
     * @param keepAtLeastSeconds an expiry that nobody approved takes no backup that is younger; null for the default
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RepositoryPlace(
            String name,
            String site,
            String store,
            KeyReference key,
            @Nullable Long keepAtLeastSeconds) {
        /** Longer than it takes people to see that something goes wrong. */
        public static final Duration KEPT_AT_LEAST = Duration.ofDays(7);

        public RepositoryPlace {
            Name.check("repository", name);
        }

        public RepositoryPlace(String name, String site, String store, KeyReference key) {
            this(name, site, store, key, null);
        }

        /** How young a backup no expiry takes that nobody approved. */
        public Duration keptAtLeast() {
            return keepAtLeastSeconds == null ? KEPT_AT_LEAST : Duration.ofSeconds(keepAtLeastSeconds);
        }
    }

    /**
     * A PostgreSQL cluster with one member, or several that replicate. Site, host, data directory, connection and slot
     * are those of the member that acts: the described one, the first of several, or the one that {@link #on} took.
     *
     * @param host its host worker
     * @param source its name in the repository
     * @param dataDirectory absolute, on the host
     * @param replicationSlot that WAL is received through
     * @param onSlotLoss what the host worker does when the server has lost WAL that the slot should have held; null for
     *     the default
     * @param topology its members and how they are fenced; null for one member of which nothing more is said, so that
     *     what older versions stored stays as it was, byte for byte
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Database(
            String name,
            String site,
            String host,
            String source,
            String repository,
            String dataDirectory,
            Connection connection,
            String replicationSlot,
            @Nullable OnSlotLoss onSlotLoss,
            @Nullable Topology topology) {
        public Database {
            Name.check("database", name);
            Name.check("host", host);
            Name.check("source", source);
            if (!dataDirectory.startsWith("/")) {
                throw new IllegalArgumentException("A data directory is an absolute path, not '" + dataDirectory + "'");
            }
            if (topology != null) {
                Member acting =
                        Topology.member(topology.members(), topology.acting()).orElseThrow();
                if (!site.equals(acting.site())
                        || !host.equals(acting.host())
                        || !dataDirectory.equals(acting.dataDirectory())
                        || !connection.equals(acting.connection())
                        || !replicationSlot.equals(acting.replicationSlot())) {
                    throw new IllegalArgumentException("A database's own fields are those of the member that acts");
                }
            }
        }

        /** What the host worker does about a lost slot. */
        public OnSlotLoss slotLoss() {
            return onSlotLoss == null ? OnSlotLoss.NEW_FULL : onSlotLoss;
        }

        /** In the order of the description; the only one of a short description has the name of its host. */
        public List<Member> members() {
            return topology == null
                    ? List.of(new Member(
                            host,
                            site,
                            host,
                            dataDirectory,
                            connection,
                            null,
                            replicationSlot,
                            null,
                            null,
                            Member.DEFAULT_PRIORITY,
                            true))
                    : topology.members();
        }

        public Optional<Member> member(String wanted) {
            return Topology.member(members(), wanted);
        }

        /** The members at a site, in the order of the description. */
        public List<Member> membersAt(String wanted) {
            return members().stream()
                    .filter(member -> member.site().equals(wanted))
                    .toList();
        }

        /** The member that a host worker acts for; there is one at most. */
        public Optional<Member> memberOn(String wantedHost) {
            return members().stream()
                    .filter(member -> member.host().equals(wantedHost))
                    .findFirst();
        }

        /** Who may be promoted when this member is the primary: by priority, then in the order of the description. */
        public List<Member> candidatesBeside(String primary) {
            return members().stream()
                    .filter(Member::promotable)
                    .filter(member -> !member.name().equals(primary))
                    .sorted(Comparator.comparingInt(Member::priority))
                    .toList();
        }

        /** How members follow their primary. */
        public Replication replication() {
            return topology == null ? Replication.DEFAULT : topology.replication();
        }

        /** In the order of trial, at least one. */
        public List<Fence> fences() {
            return topology == null ? Topology.DEFAULT_FENCE : topology.fence();
        }

        /** The member that this database's own fields are of. */
        public Member acting() {
            return topology == null
                    ? members().get(0)
                    : member(topology.acting()).orElseThrow();
        }

        /**
         * The same database with the fields of another member as its own.
         *
         * @throws IllegalArgumentException if it has no such member
         */
        public Database on(String wanted) {
            Member member = member(wanted)
                    .orElseThrow(() ->
                            new IllegalArgumentException("The database '" + name + "' has no member '" + wanted + "'"));
            return topology == null
                    ? this
                    : new Database(
                            name,
                            member.site(),
                            member.host(),
                            source,
                            repository,
                            member.dataDirectory(),
                            member.connection(),
                            member.replicationSlot(),
                            onSlotLoss,
                            topology.acting(wanted));
        }

        /** As it is described, whichever member acts: two that differ here are not of the same description. */
        public Database asDescribed() {
            return on(members().get(0).name());
        }
    }

    /** What is done when the server no longer has WAL that the store still lacks. */
    public enum OnSlotLoss {
        /** The gap is accepted, WAL is received again, and a new full backup is taken. */
        NEW_FULL("new-full"),
        /** Nothing is received until a person acts. */
        STOP("stop");

        private final String id;

        OnSlotLoss(String id) {
            this.id = id;
        }

        @JsonValue
        public String id() {
            return id;
        }
    }

    /**
     * How the host worker reaches the database.
     *
     * @param database the database inside of the cluster that it connects to
     * @param password null where the server asks for none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Connection(
            String host,
            int port,
            String user,
            String database,
            @Nullable SecretReference password) {
        public Connection {
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("A port is 1 to 65535, not " + port);
            }
        }
    }

    /** A check of the data, made on a copy. */
    public sealed interface Check {
        String name();

        /**
         * A query with one row and one column.
         *
         * @param database which copy it runs on
         * @param expect the value's text, compared exactly
         */
        record Sql(String name, String database, String sql, String expect) implements Check {
            public Sql {
                Name.check("check", name);
            }
        }

        /**
         * A command on the host.
         *
         * @param command an entry of the host's allow-list; passes by exit code 0
         */
        record Command(String name, String command) implements Check {
            public Command {
                Name.check("check", name);
                Name.check("command", command);
            }
        }
    }

    public Optional<Database> database(String wanted) {
        return databases.stream()
                .filter(database -> database.name().equals(wanted))
                .findFirst();
    }

    public Optional<Site> site(String wanted) {
        return sites.stream().filter(site -> site.name().equals(wanted)).findFirst();
    }

    public Optional<Endpoint> endpoint(String wanted) {
        return endpoints.stream()
                .filter(endpoint -> endpoint.name().equals(wanted))
                .findFirst();
    }

    /** The services at a site, in the order in which they are started. */
    public List<Workload> workloadsAt(String site) {
        return workloads.stream()
                .filter(workload -> workload.site().equals(site))
                .sorted(Comparator.comparingInt(Workload::order))
                .toList();
    }

    /** What leads clients to what is behind an endpoint of this database, in the order in which it is switched. */
    public List<Traffic> trafficTo(Database database) {
        return traffic.stream()
                .filter(each -> endpoint(each.endpoint())
                        .flatMap(Endpoint::behind)
                        .map(database.name()::equals)
                        .orElse(false))
                .toList();
    }

    /** What a scenario promises wherever it recovers to. */
    public Objectives objectivesOf(Scenario scenario) {
        return objectives.with(scenarioObjectives.getOrDefault(scenario, Objectives.Overrides.NONE));
    }

    /** What a scenario promises when it recovers to a site: what is said of the scenario counts more than the site. */
    public Objectives objectivesOf(Scenario scenario, String site) {
        return site(site)
                .map(at -> objectives.with(at.objectives()))
                .orElse(objectives)
                .with(scenarioObjectives.getOrDefault(scenario, Objectives.Overrides.NONE));
    }

    public Optional<RepositoryPlace> repository(String wanted) {
        return repositories.stream()
                .filter(repository -> repository.name().equals(wanted))
                .findFirst();
    }

    /** The repository of one of this system's databases. */
    public RepositoryPlace repositoryOf(Database database) {
        return repositories.stream()
                .filter(repository -> repository.name().equals(database.repository()))
                .findFirst()
                .orElseThrow();
    }
}
