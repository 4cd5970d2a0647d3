package dev.muster.activities.backup;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.HeartbeatProgress;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupOptions;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.Making;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.postgres.backup.Wanted;
import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Lease;
import dev.muster.repository.Repository;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.Taking;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.backup.BackupActivities;
import dev.muster.workflows.backup.TakenBackup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.ds.PGSimpleDataSource;

/** Takes backups of this host's databases. */
public final class HostBackup implements BackupActivities {
    /** A killed attempt of the same run may hold the source a moment longer. */
    private static final Duration LIFE_OF_A_DYING_ATTEMPT = Duration.ofSeconds(5);

    private final HostAuthority authority;
    private final ProtectedDatabases databases;
    private final Repositories repositories;
    private final HostPlace place;

    public HostBackup(
            HostAuthority authority, ProtectedDatabases databases, Repositories repositories, HostPlace place) {
        this.authority = authority;
        this.databases = databases;
        this.repositories = repositories;
        this.place = place;
    }

    @Override
    public TakenBackup takeBackup(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            Plan plan = authority.plan(shown, StepType.POSTGRES_BACKUP);
            ProtectedDatabase database = databases.of(plan);
            Repository repository = repositories.of(database);
            // The writer's name carries the run: its lease tells which backup this run began, even if the answer was
            // lost.
            String writer = place.name() + "." + shown.runId().toLowerCase(Locale.ROOT);
            Optional<TakenBackup> earlier = taken(repository, database.source(), writer);
            TakenBackup taken = earlier.isPresent()
                    ? earlier.get()
                    : takeOrRefuse(
                            plan,
                            repository,
                            database,
                            PhysicalBackup.Settings.defaults(database.dataDirectory(), writer)
                                    .with(options(plan)),
                            new HeartbeatProgress(heartbeats, "backed up"));
            if (plan.taking() != null && plan.taking().keep() != null) {
                keep(
                        new KeepMarks(repository, database.source()),
                        taken.backup(),
                        plan.taking().keep(),
                        shown,
                        repository.clock().instant());
            }
            return taken;
        });
    }

    /** A runbook that says how long to wait means it: the attempts that others get would be a longer wait. */
    private static TakenBackup takeOrRefuse(
            Plan plan,
            Repository repository,
            ProtectedDatabase database,
            PhysicalBackup.Settings settings,
            Progress progress) {
        try {
            return take(repository, database, settings, progress);
        } catch (PostgresException e) {
            if (e.code().equals("BACKUP_UNDER_WAY")
                    && plan.taking() != null
                    && plan.taking().waitSeconds() != null) {
                throw new PostgresException(
                        "SOURCE_BUSY",
                        e.getMessage() + ", and the runbook waits no longer than "
                                + plan.taking().waitSeconds() + " s",
                        e.hint());
            }
            throw e;
        }
    }

    private static TakenBackup take(
            Repository repository, ProtectedDatabase database, PhysicalBackup.Settings settings, Progress progress) {
        BackupResult result =
                new PhysicalBackup(repository, database.source(), source(database), settings).run(progress);
        return new TakenBackup(
                result.backupId(),
                result.summary().start().toString(),
                result.summary().stop().toString(),
                result.summary().files(),
                result.summary().rawBytes(),
                result.summary().storedBytes(),
                result.summary().badPages().size(),
                result.elapsed().toMillis() / 1000.0,
                result.cpuSeconds(),
                making(result.summary().making()));
    }

    private static BackupOptions options(Plan plan) {
        BackupKind kind = plan.takes() == null
                ? BackupKind.FULL
                : BackupKind.of(plan.takes().id());
        BackupOptions options = BackupOptions.DEFAULT.with(Wanted.of(kind));
        if (plan.taking() == null) {
            return options;
        }
        Long wait = plan.taking().waitSeconds();
        Long limit = plan.taking().readBytesPerSecond();
        BackupOptions waiting = wait == null
                ? options
                : options.withOtherLimit(Duration.ofSeconds(Math.max(wait, LIFE_OF_A_DYING_ATTEMPT.toSeconds())));
        return limit == null ? waiting : waiting.withReadLimit(limit);
    }

    private static TakenBackup.Making making(Making making) {
        return new TakenBackup.Making(
                making.kind().label(),
                making.parent().orElse(null),
                making.reason(),
                making.bytesRead(),
                making.bytesReused(),
                making.bytesResumed());
    }

    /** Once for each run, also when the answer of an attempt was lost. */
    private static void keep(KeepMarks marks, String backup, Taking.Mark wanted, Authority shown, Instant now) {
        String by = shown.requester() + ", run " + shown.runId();
        if (marks.of(backup).stream().noneMatch(mark -> mark.by().equals(by))) {
            Long seconds = wanted.seconds();
            marks.keep(
                    backup,
                    by,
                    wanted.why(),
                    seconds == null ? Optional.empty() : Optional.of(now.plusSeconds(seconds)));
        }
    }

    private static Optional<TakenBackup> taken(Repository repository, String source, String writer) {
        Set<String> begun = repository.leases().stream()
                .filter(lease -> lease.writer().equals(writer))
                .map(Lease::backup)
                .collect(Collectors.toSet());
        for (CommittedBackup backup : begun.isEmpty() ? List.<CommittedBackup>of() : repository.backups(source)) {
            if (begun.contains(backup.id())) {
                BackupSummary summary = BackupSummary.of(backup.summary());
                return Optional.of(new TakenBackup(
                        backup.id(),
                        summary.start().toString(),
                        summary.stop().toString(),
                        summary.files(),
                        summary.rawBytes(),
                        summary.storedBytes(),
                        summary.badPages().size(),
                        Duration.between(summary.startTime(), summary.stopTime())
                                        .toMillis()
                                / 1000.0,
                        0,
                        making(summary.making())));
            }
        }
        return Optional.empty();
    }

    private static PGSimpleDataSource source(ProtectedDatabase database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {database.description().connection().host()});
        source.setPortNumbers(new int[] {database.description().connection().port()});
        source.setDatabaseName(database.description().connection().database());
        source.setUser(database.description().connection().user());
        database.password().ifPresent(source::setPassword);
        source.setApplicationName("muster");
        return source;
    }
}
