package dev.muster.activities.observation;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.RequestFiles;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.workflows.planning.DatabaseObserver;
import dev.muster.workflows.run.RunRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks the live database, and the disk where a copy would go. */
public final class LiveDatabaseObserver implements DatabaseObserver {
    /** One statement, so that all of it is of one moment. */
    private static final String FACTS = """
            select current_setting('server_version_num')::int,
                   (select system_identifier from pg_control_system()),
                   (select timeline_id from pg_control_checkpoint()),
                   case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end,
                   (select coalesce(sum(pg_database_size(oid)), 0)::bigint from pg_database where datallowconn),
                   current_setting('data_checksums') = 'on',
                   pg_is_in_recovery()
            """;

    private static final int STATEMENT_SECONDS = 30;

    private final ProtectedDatabases databases;
    private final HostPlace place;
    private final Clock clock;

    public LiveDatabaseObserver(ProtectedDatabases databases, HostPlace place, Clock clock) {
        this.databases = databases;
        this.place = place;
        this.clock = clock;
    }

    @Override
    public DatabaseObservation observeDatabase(RunRequest request) {
        return ActivityWork.run(heartbeats -> {
            ResolvedRunbook resolved = RequestFiles.read(request).resolved();
            ProtectedDatabase database = databases.of(resolved.system(), resolved.database());
            DatabaseObservation.CopySpace copy = copyPlace(resolved.runbook())
                    .map(wanted -> space(wanted, request.runId()))
                    .orElse(null);
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(STATEMENT_SECONDS);
                try (ResultSet row = statement.executeQuery(FACTS)) {
                    row.next();
                    return new DatabaseObservation(
                            clock.instant(),
                            new DatabaseObservation.Live(
                                    row.getInt(1),
                                    row.getString(2),
                                    row.getInt(3),
                                    WalPosition.parse(row.getString(4)),
                                    row.getLong(5),
                                    row.getBoolean(6),
                                    row.getBoolean(7)),
                            "",
                            copy);
                }
            } catch (SQLException e) {
                return new DatabaseObservation(clock.instant(), null, String.valueOf(e.getMessage()), copy);
            }
        });
    }

    private static Optional<Runbook.CopyPlace> copyPlace(Runbook runbook) {
        if (runbook instanceof Runbook.PointInTimeRecovery recovery) {
            return Optional.of(recovery.copy());
        }
        if (runbook instanceof Runbook.RestoreTest test) {
            return Optional.of(test.copy());
        }
        return Optional.empty();
    }

    private DatabaseObservation.CopySpace space(Runbook.CopyPlace wanted, String runId) {
        Path directory = wanted.directory().map(Path::of).orElseGet(() -> place.copy(runId));
        String unusable = "";
        if (!directory.normalize().startsWith(place.copies())) {
            unusable = "this host allows copies only below " + place.copies();
        } else if (occupied(directory)) {
            unusable = "the directory is not empty";
        }
        return new DatabaseObservation.CopySpace(directory.toString(), free(directory), unusable);
    }

    private static boolean occupied(Path directory) {
        if (!Files.exists(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isPresent();
        } catch (IOException e) {
            return true;
        }
    }

    private static long free(Path directory) {
        Path there = directory;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot tell how much space is free at " + there, e);
        }
    }
}
