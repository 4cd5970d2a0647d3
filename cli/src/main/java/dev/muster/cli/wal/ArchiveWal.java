package dev.muster.cli.wal;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.repo.PostgresAddress;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.archiving.ArchiveSpool;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import dev.muster.sources.restore.RestoreSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster wal archive}. */
@Command(
        name = "archive",
        description = {
            "Serves archive_command: stores the WAL files that the server hands over, until it is told to end.",
            "It prints the line for postgresql.conf. While it does not run the server keeps its WAL and asks again.",
            "'receive' loses less: archive_command hands over whole segments only."
        },
        mixinStandardHelpOptions = true)
final class ArchiveWal implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Parameters(index = "0", paramLabel = "WHERE", description = "postgres:CONNINFO; asked once, whose WAL it is.")
    private String where = "";

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Its name in the repository.")
    private String source = "";

    @Option(
            names = "--spool",
            required = true,
            paramLabel = "DIR",
            description = "A folder of this server's own, through which files are asked for.")
    private Path spool = Path.of("");

    @Option(
            names = "--owner",
            paramLabel = "USER",
            description = "Whom PostgreSQL runs as, to whom the spool is given (default: for root the owner of the"
                    + " server's data directory, else who runs this).")
    private @Nullable String owner;

    /** @param data its data directory, if this role may know it */
    private record Cluster(String systemId, int segmentSize, Optional<Path> data) {}

    @Override
    public Integer call() throws InterruptedException {
        Output output = options.output(spec);
        Cluster cluster = ask(PostgresAddress.ofSource(where));
        try (Repository repository = options.open()) {
            WalArchive archive = new WalArchive(repository, source, cluster.systemId(), cluster.segmentSize());
            Files.createDirectories(spool);
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(ended::countDown, "end"));
            try (ArchiveSpool serving =
                    ArchiveSpool.start(spool, archive, cluster.systemId(), owner(cluster), Clock.systemUTC())) {
                output.line("archive_command = '"
                        + ArchiveSpool.archiveCommand(spool, ANSWER)
                                .replace("\\", "\\\\")
                                .replace("'", "''")
                        + "'");
                follow(serving, output, ended);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the spool " + spool, e);
        }
        return ExitCode.SUCCESS;
    }

    private static void follow(ArchiveSpool serving, Output output, CountDownLatch ended) throws InterruptedException {
        Optional<String> told = Optional.empty();
        while (!ended.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            Optional<String> now = serving.trouble().map(PostgresException::getMessage);
            if (now.isPresent() && !now.equals(told)) {
                PostgresException trouble = serving.trouble().orElseThrow();
                output.aside(trouble.code() + ": " + trouble.getMessage() + " Hint: " + trouble.hint());
            }
            told = now;
        }
    }

    /** What root makes PostgreSQL could not write to, and the server says so only in its own log. */
    private Consumer<Path> owner(Cluster cluster) throws IOException {
        Optional<UserPrincipal> found = Optional.empty();
        if (owner != null) {
            found = Optional.of(user(owner));
        } else if (RestoreSettings.isRoot()
                && cluster.data().filter(Files::isDirectory).isPresent()) {
            found = Optional.of(Files.getOwner(cluster.data().get()));
        }
        if (found.isEmpty()) {
            return path -> {};
        }
        UserPrincipal user = found.get();
        return path -> {
            try {
                Files.setOwner(path, user);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot give " + path + " to " + user.getName(), e);
            }
        };
    }

    private UserPrincipal user(String name) throws IOException {
        try {
            return spool.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
        } catch (UserPrincipalNotFoundException e) {
            throw new CliException(
                    "OPTIONS_REFUSED",
                    "There is no user " + name + " on this host.",
                    "--owner is the user that PostgreSQL runs as.",
                    ExitCode.BAD_INPUT,
                    java.util.List.of(),
                    e);
        }
    }

    private static Cluster ask(PostgresAddress address) {
        try (Connection connection = address.forSql().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select system_identifier,"
                        + " (select setting::int from pg_settings where name = 'wal_segment_size'),"
                        + " (select setting from pg_settings where name = 'data_directory')"
                        + " from pg_control_system()")) {
            row.next();
            return new Cluster(
                    row.getString(1),
                    row.getInt(2),
                    Optional.ofNullable(row.getString(3)).map(Path::of));
        } catch (SQLException e) {
            throw new CliException(
                    "SQL_FAILED",
                    "The server " + address + " does not say which cluster it is: " + e.getMessage(),
                    "Does it run, and may this role log in?",
                    ExitCode.FAILED,
                    java.util.List.of(),
                    e);
        }
    }
}
