package dev.muster.workflows.recording;

import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunRequest;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.CancellationScope;
import java.util.ArrayList;
import java.util.List;

/** Bringing the index of one database up to date: the site looks, a worker at the catalogue writes. */
public final class StoreIndex {
    /**
     * Older histories look into the database's own repository only. Goes when no recorder or refresh from before it can be
     * under way: two months after all control workers have it.
     */
    static final String COPIES = "copies-in-the-catalogue";

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
                replaced,
                null,
                null);
    }

    /** The same for which backups a repository holds. */
    public static CopiesQuestion copiesQuestion(
            RunRequest.SourceFile file,
            String system,
            String database,
            String repository,
            String site,
            String runId,
            String requester) {
        return new CopiesQuestion(
                CopiesQuestion.SCHEMA,
                system,
                database,
                repository,
                site,
                new RunRequest(
                        RunRequest.SCHEMA,
                        runId,
                        requester,
                        true,
                        new RunRequest.SourceFile("copies.yaml", """
                                apiVersion: muster/v1
                                kind: Runbook
                                metadata: {name: copies}
                                spec: {scenario: verify, system: %s, database: %s, repository: %s}
                                """.formatted(system, database, repository)),
                        file),
                false);
    }

    /** One after the other; a repository that cannot be looked into holds up no other. */
    static List<RefreshIndex.InRepository> refreshCopies(List<CopiesQuestion> questions) {
        List<RefreshIndex.InRepository> found = new ArrayList<>();
        for (CopiesQuestion question : questions) {
            found.add(refreshCopies(question));
        }
        return found;
    }

    private static RefreshIndex.InRepository refreshCopies(CopiesQuestion question) {
        try {
            CopiesObservation seen = Activities.question(
                            TaskQueues.site(question.site()),
                            CopiesObserver.class,
                            "Look which backups of " + question.system() + "/" + question.database()
                                    + " the repository " + question.repository() + " holds")
                    .observeCopies(question);
            CatalogActivities.patient(IndexActivities.class).storeCopies(seen);
            return new RefreshIndex.InRepository(
                    question.repository(),
                    seen.copies().size(),
                    seen.unreadable().isEmpty() ? null : String.join("; ", seen.unreadable()));
        } catch (ActivityFailure e) {
            if (CancellationScope.current().isCancelRequested()) {
                throw e;
            }
            return new RefreshIndex.InRepository(question.repository(), 0, trouble(e));
        }
    }

    /** The words of the failure that the worker met, or that there was none to meet it. */
    static String trouble(ActivityFailure failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ApplicationFailure told
                ? told.getOriginalMessage()
                : "No answer from the site's worker: " + cause.getMessage();
    }
}
