package dev.muster.worker;

import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;

/** Starts the full backup of a database whose WAL has a gap, as a run like any other. */
final class BackupAfterLoss implements SlotLoss.NewBackup {
    private final RunStarter starter;
    private final ProtectedDatabase database;
    private final SourceText system;
    private final String requester;

    /**
     * @param system the system's file, as this worker has it
     * @param requester such as {@code worker:db1}
     */
    BackupAfterLoss(RunStarter starter, ProtectedDatabase database, SourceText system, String requester) {
        this.starter = starter;
        this.database = database;
        this.system = system;
        this.requester = requester;
    }

    @Override
    public void request(String runId) {
        String runbook =
                """
                apiVersion: muster/v1
                kind: Runbook
                metadata: {name: backup-after-wal-loss}
                spec: {scenario: backup, kind: full, system: %s, database: %s}
                """.formatted(database.system().name(), database.description().name());
        starter.start(
                Scenario.BACKUP,
                database.system().name(),
                new RunRequest(
                        RunRequest.SCHEMA,
                        runId,
                        requester,
                        false,
                        new RunRequest.SourceFile("backup-after-wal-loss.yaml", runbook),
                        new RunRequest.SourceFile(system.file(), system.text())));
    }
}
