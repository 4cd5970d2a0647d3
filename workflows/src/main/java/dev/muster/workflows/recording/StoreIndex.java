package dev.muster.workflows.recording;

import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunRequest;

/** Bringing the index of one database up to date: the site looks, a worker at the catalogue writes. */
public final class StoreIndex {
    private StoreIndex() {}

    /**
     * What a site's worker is asked with. It answers by a run's request; that of a restore test makes it look at
     * everything that the index shows, up to the last commit in the WAL.
     */
    public static RunRequest question(
            RunRequest.SourceFile file, String system, String database, String runId, String requester) {
        return new RunRequest(
                RunRequest.SCHEMA,
                runId,
                requester,
                true,
                new RunRequest.SourceFile("index.yaml", """
                        apiVersion: muster/v1
                        kind: Runbook
                        metadata: {name: index}
                        spec: {scenario: restore-test, system: %s, database: %s}
                        """.formatted(system, database)),
                file);
    }

    static RefreshIndex.Refreshed refresh(IndexActivities.Source source) {
        RepositoryObservation seen = Activities.question(
                        TaskQueues.site(source.site()),
                        RepositoryObserver.class,
                        "Look into the store of " + source.system() + "/" + source.database())
                .observeRepository(source.request());
        boolean replaced = CatalogActivities.patient(IndexActivities.class)
                .store(new StoreObservation(source.system(), source.database(), seen));
        return new RefreshIndex.Refreshed(
                source.system(),
                source.database(),
                seen.backups().size(),
                seen.wal().size(),
                replaced);
    }
}
