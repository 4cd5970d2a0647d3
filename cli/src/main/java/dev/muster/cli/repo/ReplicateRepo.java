package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.replication.ProtectionReport;
import dev.muster.repository.replication.ReplicaStatus;
import dev.muster.repository.replication.ReplicatedBackup;
import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationReport;
import dev.muster.repository.replication.SourceLag;
import dev.muster.repository.replication.StoreCopy;
import dev.muster.repository.verification.Problem;
import dev.muster.runbooks.Durations;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo replicate}. */
@Command(
        name = "replicate",
        description = {
            "Copies what other stores lack: each becomes a repository that restores by itself.",
            "Killed, it is called again and goes on. Exit code 1 if a store lacks something afterwards; 4 if one is away,"
                    + " which holds up none of the others.",
            "With --status: how far they are behind, exit code 8 if they are. With --report: whether every source has"
                    + " three copies, on two kinds of media, one offsite; exit code 1 if not."
        },
        mixinStandardHelpOptions = true)
final class ReplicateRepo implements Callable<Integer> {
    private static final String VERB = "repo replicate";
    private static final int MOST_THREADS = 64;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(names = "--to", required = true, paramLabel = "URL", description = "A store for a copy; several times.")
    private List<String> to = List.of();

    @Option(names = "--source", paramLabel = "NAME", description = "Only of this source; several times.")
    private Set<String> only = Set.of();

    @ArgGroup
    private Look look = new Look();

    /** Instead of copying. */
    static final class Look {
        @Option(names = "--status", description = "Copy nothing; say how far they are behind.")
        boolean status;

        @Option(names = "--report", description = "Copy nothing; say who holds what: 3-2-1. Needs places.")
        boolean report;
    }

    @Mixin
    private PlaceOptions places = new PlaceOptions();

    @Option(
            names = "--not-older",
            paramLabel = "DURATION",
            description =
                    "Leave out backups that were begun before, such as 30d, and the WAL that only they need: for a"
                            + " store that keeps things for a shorter time.")
    private @Nullable String notOlder;

    @Option(
            names = "--every-map",
            description = "Follow the file maps also of backups that are there already, to find packs that were lost.")
    private boolean everyMap;

    @Option(
            names = "--new",
            description =
                    "An empty store is meant to be a new copy, although one was there before: else its disk may not"
                            + " be mounted.")
    private boolean isNew;

    @Option(
            names = "--threads",
            paramLabel = "NUMBER",
            defaultValue = "4",
            description = "How many copy at once (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Override
    public Integer call() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw Refusal.of("--threads is 1 to " + MOST_THREADS + ", not " + threads + ".", VERB);
        }
        Set<String> urls = new LinkedHashSet<>(to);
        if (urls.size() < to.size() || urls.contains(options.store())) {
            throw Refusal.of("Each store is named once, and none is a copy of itself.", VERB);
        }
        ReplicationOptions how = how();
        PlaceOptions.Places where = places.read();
        if (look.report) {
            urls.forEach(where::of);
            where.of(options.store());
        }
        try (Repository repository = options.open()) {
            Collection<String> sources = sources(repository);
            if (look.report) {
                return report(repository, sources, urls, where);
            }
            return look.status ? status(repository, sources, urls) : copy(repository, sources, urls, how);
        }
    }

    private ReplicationOptions how() {
        ReplicationOptions usual = new ReplicationOptions(Writer.here()).withThreads(threads);
        ReplicationOptions mapped = everyMap ? usual.withEveryMap() : usual;
        ReplicationOptions how = isNew ? mapped.withNew() : mapped;
        if (notOlder == null) {
            return how;
        }
        Duration age = Refusal.unless(
                Durations.parse(notOlder),
                "--not-older '" + notOlder + "' is no duration; 30d and 12h are some.",
                VERB);
        return how.withOldest(Instant.now().minus(age));
    }

    private Collection<String> sources(Repository repository) {
        Collection<String> all = Listings.sources(repository.store());
        for (String source : only) {
            if (!all.contains(source)) {
                throw new CliException(
                        "BACKUP_UNKNOWN",
                        "There is nothing of " + source + " in "
                                + repository.store().url() + ".",
                        "muster repo list shows which sources have backups.",
                        ExitCode.BAD_INPUT);
            }
        }
        return only.isEmpty() ? all : only;
    }

    private int copy(
            Repository repository, Collection<String> sources, Collection<String> urls, ReplicationOptions how) {
        Output output = options.output(spec);
        ArrayNode replicas = JsonNodeFactory.instance.arrayNode();
        boolean sound = true;
        boolean reached = true;
        // All of them before the first is written to: a wrong URL is no reason to copy half.
        ReplicaStores stores = ReplicaStores.open(urls);
        for (ReplicaStores.Reached to : stores.reached()) {
            ReplicationReport report;
            try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
                report = Replication.of(repository, to.store(), how, Clock.systemUTC())
                        .run(sources, line.copies(to.store().url()));
            }
            sound &= report.sound();
            reached &= report.complete();
            replicas.add(report.toJson());
            if (!output.json()) {
                tell(output, report);
            }
            for (Problem problem : report.problems()) {
                output.aside(Printable.line(problem.code() + ": " + problem.message() + " Hint: " + problem.hint()));
            }
        }
        stores.away().forEach(one -> replicas.add(one.json()));
        stores.tellAway(output);
        if (output.json()) {
            boolean all = sound && stores.away().isEmpty();
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("sound", all);
            json.set("replicas", replicas);
            output.line(json.toString());
        }
        return stores.exitCode(sound ? ExitCode.SUCCESS : reached ? ExitCode.FAILED : ExitCode.UNREACHABLE);
    }

    private static void tell(Output output, ReplicationReport report) {
        long copied = report.backups().stream()
                .filter(one -> one.outcome() == ReplicatedBackup.Outcome.COPIED)
                .count();
        output.line((report.sound() ? "Replicated" : "NOT COMPLETE: replicated") + " to " + report.replica() + ": "
                + Amount.count(copied, "new backup", "new backups") + ", "
                + Amount.count(report.objects(), "object", "objects") + " with " + Amount.bytes(report.bytes())
                + " copied, " + Amount.count(report.problemCount(), "problem", "problems") + ".");
    }

    private int status(Repository repository, Collection<String> sources, Collection<String> urls) {
        Output output = options.output(spec);
        ArrayNode replicas = JsonNodeFactory.instance.arrayNode();
        boolean current = true;
        ReplicaStores stores = ReplicaStores.open(urls);
        for (ReplicaStores.Reached to : stores.reached()) {
            ReplicaStatus status = ReplicaStatus.of(repository, to.store(), sources, Clock.systemUTC());
            current &= status.current();
            replicas.add(status.toJson());
            if (!output.json()) {
                status.sources().forEach(lag -> output.line(to.url() + ": " + text(lag, status.time())));
            }
        }
        stores.away().forEach(one -> replicas.add(one.json()));
        stores.tellAway(output);
        if (output.json()) {
            boolean all = current && stores.away().isEmpty();
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("current", all);
            json.set("replicas", replicas);
            output.line(json.toString());
        }
        return stores.exitCode(current ? ExitCode.SUCCESS : ExitCode.DIFFERENT);
    }

    private static String text(SourceLag lag, Instant now) {
        if (lag.current()) {
            return lag.source() + " has everything, up to backup "
                    + lag.replicaBackup().orElse("(none)")
                    + lag.replicaWal().map(wal -> " and WAL " + wal).orElse("") + ".";
        }
        return lag.source() + " is behind by "
                + Amount.count(lag.missingBackups(), "backup", "backups") + ", "
                + Amount.count(lag.missingObjects(), "object", "objects") + " with "
                + Amount.bytes(lag.missingBytes()) + ", for " + Durations.format(lag.age(now)) + "; it has "
                + lag.replicaBackup().map(id -> "backup " + id).orElse("no backup")
                + lag.replicaWal().map(wal -> " and WAL up to " + wal).orElse("") + ".";
    }

    private int report(
            Repository repository, Collection<String> sources, Collection<String> urls, PlaceOptions.Places where) {
        List<StoreCopy> copies = new ArrayList<>();
        copies.add(StoreCopy.of(where.of(options.store()), repository));
        List<Repository> opened = new ArrayList<>();
        try {
            for (String url : urls) {
                try {
                    Repository there = repository.in(Stores.open(url));
                    opened.add(there);
                    copies.add(StoreCopy.of(where.of(url), there));
                } catch (RepositoryException | StoreException e) {
                    copies.add(StoreCopy.away(where.of(url), String.valueOf(e.getMessage())));
                }
            }
            ProtectionReport report = ProtectionReport.of(copies, where.live(), sources, threads, Clock.systemUTC());
            Output output = options.output(spec);
            output.line(output.json() ? report.toJson().toString() : Printable.block(report.text()));
            return report.fulfilled() ? ExitCode.SUCCESS : ExitCode.FAILED;
        } finally {
            opened.forEach(Repository::close);
        }
    }
}
