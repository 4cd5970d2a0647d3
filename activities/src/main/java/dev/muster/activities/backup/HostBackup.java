package dev.muster.activities.backup;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.HeartbeatProgress;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Lease;
import dev.muster.repository.Repository;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.backup.BackupActivities;
import dev.muster.workflows.backup.TakenBackup;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.ds.PGSimpleDataSource;

/** Takes backups of this host's databases. */
public final class HostBackup implements BackupActivities {
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
            if (earlier.isPresent()) {
                return earlier.get();
            }
            BackupResult result = new PhysicalBackup(
                            repository,
                            database.source(),
                            source(database),
                            PhysicalBackup.Settings.defaults(database.dataDirectory(), writer))
                    .run(new HeartbeatProgress(heartbeats, "backed up"));
            return new TakenBackup(
                    result.backupId(),
                    result.summary().start().toString(),
                    result.summary().stop().toString(),
                    result.summary().files(),
                    result.summary().rawBytes(),
                    result.summary().storedBytes(),
                    result.summary().badPages().size(),
                    result.elapsed().toMillis() / 1000.0,
                    result.cpuSeconds());
        });
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
                        java.time.Duration.between(summary.startTime(), summary.stopTime())
                                        .toMillis()
                                / 1000.0,
                        0));
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
