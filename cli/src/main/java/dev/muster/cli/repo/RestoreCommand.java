package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.postgres.restore.InPlaceRecovery.Purpose.Follow;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.ReachablePoints;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoverySettings;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.restore.RestoreOptions;
import dev.muster.postgres.restore.RestorePlan;
import dev.muster.postgres.restore.StandaloneRecovery;
import dev.muster.postgres.restore.TablespacePlaces;
import dev.muster.postgres.restore.TargetCheck;
import dev.muster.repository.Repository;
import dev.muster.repository.reading.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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
            "Break-glass: restores a PostgreSQL cluster with nothing but the store and the key.",
            "DIR/data is the data directory, to be started by hand, DIR/wal the WAL that it replays. It stays in"
                    + " recovery at its target, read-only and on this host only, until you promote it."
        },
        mixinStandardHelpOptions = true)
public final class RestoreCommand implements Callable<Integer> {
    private static final String VERB = "restore";
    /** Called again after a kill it goes on where it was. */
    private static final String TOKEN = "by-hand";

    private static final int USUAL_PORT = 5432;
    private static final int MOST_WORKERS = 64;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Option(names = "--list-points", description = "Say to which points one can go, and where WAL is missing.")
    private boolean listPoints;

    @Option(names = "--to", paramLabel = "DIR", description = "An empty or missing directory.")
    private @Nullable Path to;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "latest, immediate, time:TIME (with its zone), lsn:LSN, xid:XID or name:RESTORE-POINT"
                    + " (default: latest).")
    private @Nullable String target;

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
            description = "Where the server listens on the loopback (default: 5432).")
    private @Nullable Integer port;

    @Option(
            names = "--access",
            paramLabel = "password|trust-local",
            description = "Who may connect, from this host only (default: password).")
    private @Nullable String access;

    @Option(
            names = "--tablespace",
            paramLabel = "OLD=NEW",
            description = "Where a tablespace goes: OLD is its oid or its folder on the source, NEW an empty or missing"
                    + " folder; several times (default: DIR/data-tablespaces/OID).")
    private List<String> tablespaces = List.of();

    @Option(
            names = "--delta",
            paramLabel = "SYSTEM",
            description = "DIR/data is an old data directory of this system identifier, its server stopped: write only"
                    + " what differs and REMOVE what the backup lacks. 'repo show' says the identifier (systemId).")
    private @Nullable String delta;

    @Option(
            names = "--standby",
            paramLabel = "CONNINFO",
            description = "Make it a standby with the source's configuration, which follows this primary.")
    private @Nullable String standby;

    @Option(names = "--slot", paramLabel = "NAME", description = "With --standby: its replication slot there.")
    private @Nullable String slot;

    @Option(names = "--workers", paramLabel = "NUMBER", description = "How many write at once (default: the cores).")
    private @Nullable Integer workers;

    @Option(
            names = "--dry-run",
            description = "Say what would be written and removed, with which WAL, and whether there is room; touch"
                    + " nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        if (listPoints) {
            return points();
        }
        if (to == null) {
            throw Refusal.of("Where to? --to DIR; or --list-points.", VERB);
        }
        Path place = to;
        Optional<Follow> follow = follow();
        RecoveryTarget wanted = TargetOptions.parse(target == null ? "latest" : target, exclusive);
        RecoverySettings.Access allowed = access();
        RestoreOptions how = how();
        if (port() < 1 || port() > 65_535 || (timeline != null && timeline < 1)) {
            throw Refusal.of("A port is 1 to 65535, a timeline 1 or more.", VERB);
        }
        Output output = options.output(spec);
        try (Repository repository = options.open()) {
            RestoreChoice choice = RestoreChoice.of(repository, source, wanted, timeline);
            RestoreReport report = new RestoreReport(
                    choice,
                    place,
                    RecoveryServer.dataDirectory(place),
                    follow.isPresent() ? "latest" : wanted.describe(),
                    port(),
                    allowed == RecoverySettings.Access.PASSWORD,
                    follow.isPresent());
            refuseUsed(report.data());
            // Over an old data directory nothing counts as done before it was compared: a server may have run since.
            String token = delta == null ? TOKEN : TOKEN + "-" + UUID.randomUUID();
            TargetCheck.NeededWal wal =
                    TargetCheck.neededWal(wanted, choice.timeline(), choice.summary(), choice.archive());
            PhysicalRestore restore = new PhysicalRestore(
                    repository,
                    source.source(),
                    choice.backup().id(),
                    report.data(),
                    token,
                    how.withRoomFor(new RestoreOptions.Besides(place.resolve("wal"), wal.bytes())));
            if (dryRun) {
                RestoreReport.DryRun dry = dryRun(restore, wal);
                report.would(output, dry);
                return dry.plan().spaceMissing() == 0 && dry.wal().isThere() ? ExitCode.SUCCESS : ExitCode.FAILED;
            }
            // Until all WAL is here, too.
            try (Reading reading =
                    Reading.begin(repository, source.source(), choice.backup().id(), "into " + place)) {
                try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
                    restore.run(line::part);
                }
                recover(choice, place, wanted, allowed, follow);
            }
            report.done(output);
            return ExitCode.SUCCESS;
        }
    }

    private void recover(
            RestoreChoice choice,
            Path place,
            RecoveryTarget wanted,
            RecoverySettings.Access allowed,
            Optional<Follow> follow) {
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            StandaloneRecovery recovery = new StandaloneRecovery(place, choice.archive());
            if (follow.isPresent()) {
                recovery.follow(follow.get(), choice.timeline(), choice.summary(), choice.end(), line::part);
            } else {
                recovery.prepare(
                        RecoverySettings.defaults(wanted, choice.timeline(), port(), allowed),
                        choice.summary(),
                        choice.end(),
                        line::part);
            }
        }
    }

    /** What was restored here is no longer what the backup has, once a server has started on it. */
    private void refuseUsed(Path data) {
        boolean started =
                Files.exists(data.resolve("global/pg_control")) && Files.notExists(data.resolve("backup_label"));
        if (started && delta == null) {
            throw new CliException(
                    "TARGET_NOT_EMPTY",
                    "The restore's target " + data + " holds a data directory that a server has been started on;"
                            + " nothing was changed.",
                    "Choose a folder that is empty or does not exist; or overwrite it on purpose: --delta SYSTEM.",
                    ExitCode.BAD_INPUT);
        }
    }

    private int points() {
        boolean more = to != null || dryRun || target != null || exclusive || delta != null || standby != null;
        if (more || !source.latest()) {
            throw Refusal.of("--list-points takes nothing but --source.", VERB);
        }
        try (Repository repository = options.open()) {
            List<ReachablePoints.Points> points = ReachablePoints.of(repository, source.source());
            if (points.isEmpty()) {
                throw source.none(repository);
            }
            RestorePoints.tell(options.output(spec), source.source(), points);
            boolean any = points.stream().anyMatch(ReachablePoints.Points::restorable);
            return any ? ExitCode.SUCCESS : ExitCode.FAILED;
        }
    }

    private RestoreReport.DryRun dryRun(PhysicalRestore restore, TargetCheck.NeededWal wal) {
        RestorePlan plan;
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            plan = restore.plan(line::part);
        }
        return new RestoreReport.DryRun(plan, wal);
    }

    private int port() {
        return port == null ? USUAL_PORT : port;
    }

    private Optional<Follow> follow() {
        if (standby == null) {
            if (slot != null) {
                throw Refusal.of("--slot belongs to --standby.", VERB);
            }
            return Optional.empty();
        }
        if (target != null || exclusive || port != null || access != null) {
            throw Refusal.of(
                    "A standby follows its primary and has the source's configuration: no --target, --exclusive,"
                            + " --port, --access.",
                    VERB);
        }
        return Optional.of(new Follow(standby, Optional.ofNullable(slot)));
    }

    private RestoreOptions how() {
        RestoreOptions how = RestoreOptions.defaults().withTablespaces(TablespacePlaces.parse(tablespaces, false));
        if (workers != null) {
            if (workers < 1 || workers > MOST_WORKERS) {
                throw Refusal.of("--workers is 1 to " + MOST_WORKERS + ", not " + workers + ".", VERB);
            }
            how = how.withWorkers(workers);
        }
        if (delta == null) {
            return how;
        }
        if (!delta.matches("\\d{1,20}")) {
            throw Refusal.of("--delta takes the system identifier, digits only, not '" + delta + "'.", VERB);
        }
        return how.overwriting(delta);
    }

    private RecoverySettings.Access access() {
        String given = access == null ? "password" : access;
        return switch (given) {
            case "password" -> RecoverySettings.Access.PASSWORD;
            case "trust-local" -> RecoverySettings.Access.TRUST_LOCAL;
            default ->
                throw new CliException(
                        "OPTIONS_REFUSED",
                        "--access is password or trust-local, not '" + given + "'.",
                        "muster restore --help says what each option takes.",
                        ExitCode.BAD_INPUT);
        };
    }
}
