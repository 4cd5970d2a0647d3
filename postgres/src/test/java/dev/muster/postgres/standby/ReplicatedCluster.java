package dev.muster.postgres.standby;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.instance.Server;
import dev.muster.postgres.members.Observation;
import dev.muster.postgres.members.Observer;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.restore.RestoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.postgresql.ds.PGSimpleDataSource;

/** A primary {@code a} with a repository, and standbys of it made from a backup. */
public final class ReplicatedCluster implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path folder;
    private final BackedUpCluster source;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, MemberServer> members = new TreeMap<>();

    private ReplicatedCluster(Path folder, BackedUpCluster source) {
        this.folder = folder;
        this.source = source;
        add("a", source.cluster().server(), source.cluster().port());
    }

    public static ReplicatedCluster start(Path folder) throws Exception {
        return new ReplicatedCluster(folder, BackedUpCluster.start(folder, "wal_keep_size = 0"));
    }

    private void add(String name, Server server, int port) {
        PGSimpleDataSource place = new PGSimpleDataSource();
        place.setServerNames(new String[] {"127.0.0.1"});
        place.setPortNumbers(new int[] {port});
        place.setDatabaseName("postgres");
        place.setUser("postgres");
        ports.put(name, port);
        members.put(name, new MemberServer(name, TestCluster.installation(), server, place));
    }

    public BackedUpCluster source() {
        return source;
    }

    public MemberServer member(String name) {
        return Objects.requireNonNull(members.get(name), name);
    }

    public int port(String name) {
        return Objects.requireNonNull(ports.get(name), name);
    }

    public Following following(String member, String upstream) {
        return new Following(
                ServerAddress.trusted("127.0.0.1", port(upstream), "postgres"),
                member,
                "muster_" + member,
                folder.resolve(member + ".pgpass"));
    }

    /** A member that does not exist yet. */
    public void plan(String name) throws Exception {
        Path home = Files.createDirectories(folder.resolve("member-" + name));
        add(
                name,
                new Server(TestCluster.installation(), home.resolve("data"), home.resolve("log")),
                TestCluster.freePort());
    }

    public StandbySetup.Made setUp(BackupResult backup, String name, String upstream, Progress progress) {
        return setUp(backup, name, upstream, RestoreOptions.defaults().withWorkers(2), "token", progress);
    }

    public StandbySetup.Made setUp(
            BackupResult backup,
            String name,
            String upstream,
            RestoreOptions options,
            String token,
            Progress progress) {
        StandbySetup setup = new StandbySetup(
                source.repository(),
                BackedUpCluster.SOURCE,
                member(name),
                following(name, upstream),
                Clock.systemUTC());
        StandbySetup.Origin origin = new StandbySetup.Origin(
                backup.backupId(),
                token,
                options,
                folder.resolve("spool-" + name),
                Map.of("port", Integer.toString(port(name)), "cluster_name", name));
        return setup.run(origin, member(upstream).place(), LIMIT, progress);
    }

    public Path spool(String name) {
        return folder.resolve("spool-" + name);
    }

    public Observation observe(String name) {
        return new Observer(Clock.systemUTC()).observe(name, member(name).place());
    }

    public String value(String name, String sql) throws SQLException {
        return member(name).query(sql).orElse("null");
    }

    public void execute(String name, String... statements) throws SQLException {
        try (Connection connection = member(name).place().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() {
        members.forEach((name, member) -> {
            if (!name.equals("a")) {
                member.server().stopImmediately(LIMIT);
            }
        });
        source.close();
    }
}
