package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A protected system: what its {@code kind: System} document says, defaults filled in.
 *
 * @param objectives the tier's, with the system's own overrides
 * @param checks what "recovered correctly" means for its data, made on copies
 */
public record SystemDescription(
        String name,
        Tier tier,
        Objectives objectives,
        List<Site> sites,
        List<RepositoryPlace> repositories,
        List<Database> databases,
        List<Check> checks) {

    public SystemDescription {
        Name.check("system", name);
        sites = List.copyOf(sites);
        repositories = List.copyOf(repositories);
        databases = List.copyOf(databases);
        checks = List.copyOf(checks);
        Set<String> knownSites = unique("site", sites, Site::name);
        Set<String> knownRepositories = unique("repository", repositories, RepositoryPlace::name);
        Set<String> knownDatabases = unique("database", databases, Database::name);
        unique("check", checks, Check::name);
        for (RepositoryPlace repository : repositories) {
            known("site", repository.site(), knownSites);
        }
        for (Database database : databases) {
            known("site", database.site(), knownSites);
            known("repository", database.repository(), knownRepositories);
        }
        for (Check check : checks) {
            if (check instanceof Check.Sql sql) {
                known("database", sql.database(), knownDatabases);
            }
        }
    }

    /** A region or data centre. */
    public record Site(String name) {
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
     * A PostgreSQL cluster.
     *
     * @param host its host worker
     * @param source its name in the repository
     * @param dataDirectory absolute, on the host
     * @param replicationSlot that WAL is received through
     * @param onSlotLoss what the host worker does when the server has lost WAL that the slot should have held; null for
     *     the default
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
            @Nullable OnSlotLoss onSlotLoss) {
        public Database(
                String name,
                String site,
                String host,
                String source,
                String repository,
                String dataDirectory,
                Connection connection,
                String replicationSlot) {
            this(name, site, host, source, repository, dataDirectory, connection, replicationSlot, null);
        }

        /** What the host worker does about a lost slot. */
        public OnSlotLoss slotLoss() {
            return onSlotLoss == null ? OnSlotLoss.NEW_FULL : onSlotLoss;
        }

        public Database {
            Name.check("database", name);
            Name.check("host", host);
            Name.check("source", source);
            if (!dataDirectory.startsWith("/")) {
                throw new IllegalArgumentException("A data directory is an absolute path, not '" + dataDirectory + "'");
            }
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

    private static <T> Set<String> unique(String what, List<T> items, Function<T, String> name) {
        Set<String> seen = new HashSet<>();
        for (T item : items) {
            if (!seen.add(name.apply(item))) {
                throw new IllegalArgumentException("Two of the same " + what + ": '" + name.apply(item) + "'");
            }
        }
        return seen;
    }

    private static void known(String what, String name, Set<String> names) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("No such " + what + ": '" + name + "'");
        }
    }
}
