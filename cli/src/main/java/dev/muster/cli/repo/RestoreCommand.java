package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoverySettings;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.restore.StandaloneRecovery;
import dev.muster.postgres.restore.TargetCheck;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster restore}: a PostgreSQL cluster from nothing but the store and the key. */
@Command(
        name = "restore",
        description = {
            "Break-glass: restores a PostgreSQL cluster with nothing but the store and the key, ready to be started by",
            "hand: DIR/data is the data directory, DIR/wal the WAL that it replays. It stays in recovery at its target,",
            "read-only and on this host only, until you promote it."
        },
        mixinStandardHelpOptions = true)
public final class RestoreCommand implements Callable<Integer> {
    private static final String TOKEN = "by-hand";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "An empty or missing directory.")
    private Path to = Path.of("");

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            defaultValue = "latest",
            description = "latest, immediate, time:TIME (with its zone), lsn:LSN, xid:XID or name:RESTORE-POINT"
                    + " (default: ${DEFAULT-VALUE}).")
    private String target = "latest";

    @Option(names = "--exclusive", description = "With time, lsn and xid: stop just before.")
    private boolean exclusive;

    @Option(
            names = "--timeline",
            paramLabel = "NUMBER",
            description = "Recover along this timeline (default: the backup's).")
    private @Nullable Integer timeline;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "5432",
            description = "Where the server listens on the loopback (default: ${DEFAULT-VALUE}).")
    private int port = 5432;

    @Option(
            names = "--access",
            paramLabel = "password|trust-local",
            defaultValue = "password",
            description = "Who may connect, from this host only (default: ${DEFAULT-VALUE}).")
    private String access = "password";

    @Option(names = "--dry-run", description = "Say what would be restored, and whether it can be; touch nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        RecoveryTarget wanted = TargetOptions.parse(target, exclusive);
        RecoverySettings.Access allowed = access();
        try (Repository repository = options.open()) {
            Plan plan = plan(repository, wanted);
            if (!dryRun) {
                restore(repository, plan, wanted, allowed);
            }
            tell(options.output(spec), plan, wanted);
            return ExitCode.SUCCESS;
        }
    }

    private RecoverySettings.Access access() {
        return switch (access) {
            case "password" -> RecoverySettings.Access.PASSWORD;
            case "trust-local" -> RecoverySettings.Access.TRUST_LOCAL;
            default ->
                throw new CliException(
                        "OPTIONS_REFUSED",
                        "--access is password or trust-local, not '" + access + "'.",
                        "muster help restore says what each option takes.",
                        ExitCode.BAD_INPUT);
        };
    }

    /** @param end of the WAL that can be replayed */
    private record Plan(CommittedBackup backup, BackupSummary summary, int timeline, Lsn end, WalArchive archive) {}

    /** The newest backup from which the target can be reached, unless one was named. */
    private Plan plan(Repository repository, RecoveryTarget wanted) {
        List<CommittedBackup> candidates = new ArrayList<>(repository.backups(source.source()));
        if (!source.latest()) {
            String id = source.id(repository);
            candidates.removeIf(backup -> !backup.id().equals(id));
        }
        if (candidates.isEmpty()) {
            throw source.none(repository);
        }
        Collections.reverse(candidates);
        Optional<PostgresException> newest = Optional.empty();
        for (CommittedBackup backup : candidates) {
            try {
                return plan(repository, backup, wanted);
            } catch (PostgresException e) {
                boolean older =
                        e.code().equals("TARGET_BEFORE_BACKUP") || e.code().equals("TIMELINE_NOT_REACHABLE");
                if (!older) {
                    throw e;
                }
                newest = newest.isPresent() ? newest : Optional.of(e);
            }
        }
        throw newest.orElseThrow();
    }

    private Plan plan(Repository repository, CommittedBackup backup, RecoveryTarget wanted) {
        BackupSummary summary = BackupSummary.of(backup.summary());
        WalArchive archive = new WalArchive(repository, source.source(), summary.systemId(), summary.segmentSize());
        int along = timeline == null ? summary.timeline() : timeline;
        Lsn end = TargetCheck.check(
                wanted, along, summary, archive, Clock.systemUTC().instant());
        return new Plan(backup, summary, along, end, archive);
    }

    private void restore(Repository repository, Plan plan, RecoveryTarget wanted, RecoverySettings.Access allowed) {
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            int workers = Math.min(8, Runtime.getRuntime().availableProcessors());
            new PhysicalRestore(
                            repository,
                            source.source(),
                            plan.backup().id(),
                            RecoveryServer.dataDirectory(to),
                            TOKEN,
                            workers)
                    .run(line::part);
            new StandaloneRecovery(to, plan.archive())
                    .prepare(
                            RecoverySettings.defaults(wanted, plan.timeline(), port, allowed),
                            plan.summary(),
                            plan.end(),
                            line::part);
        }
    }

    private void tell(Output output, Plan plan, RecoveryTarget wanted) {
        Path data = RecoveryServer.dataDirectory(to);
        if (output.json()) {
            output.line(JsonNodeFactory.instance
                    .objectNode()
                    .put("backup", plan.backup().id())
                    .put("restored", !dryRun)
                    .put("dataDirectory", data.toString())
                    .put("serverVersion", plan.summary().serverVersion())
                    .put("bytes", plan.summary().rawBytes())
                    .put("target", wanted.describe())
                    .put("timeline", plan.timeline())
                    .put("walFrom", plan.summary().start().toString())
                    .put("walTo", plan.end().toString())
                    .put("port", port)
                    .toString());
            return;
        }
        output.line((dryRun ? "Would restore" : "Restored") + " backup "
                + plan.backup().id() + " ("
                + Amount.bytes(plan.summary().rawBytes()) + ", PostgreSQL "
                + plan.summary().majorVersion() + ", "
                + output.times().withAge(plan.backup().committed()) + ") to "
                + data + ", with WAL from " + plan.summary().start() + " to " + plan.end() + "; target: "
                + wanted.describe() + ".");
        plan.archive()
                .end(plan.timeline())
                .filter(newest -> newest.isAfter(plan.end()))
                .ifPresent(newest -> output.aside("There is WAL up to " + newest
                        + ", behind a gap: this backup cannot be replayed beyond " + plan.end() + "."));
        if (dryRun) {
            return;
        }
        String version = Integer.toString(plan.summary().majorVersion());
        output.line("Start it with PostgreSQL " + version + ", as the user that owns its files (as root: chown -R"
                + " postgres: " + to.toAbsolutePath() + " first):");
        output.line("    pg_ctl -D '" + data + "' -l '" + to.toAbsolutePath() + "/log' start");
        output.line("It listens on 127.0.0.1:" + port + ", read-only. When it is what you want:");
        output.line("    pg_ctl -D '" + data + "' promote");
        output.line(
                "The source's own configuration is in " + data + "/*.source; archiving is off, and tablespaces can be"
                        + " made after: chmod 700 '" + data + "/pg_tblspc'");
    }
}
