package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/** One store after the other: a refresh is in no hurry, and a site's worker has better things to do. */
public final class RefreshIndexImpl implements RefreshIndex {
    @Override
    public List<Refreshed> refresh(RunRequest.SourceFile system, String requester, boolean thorough) {
        IndexActivities catalog = CatalogActivities.asked(IndexActivities.class);
        List<IndexActivities.Source> sources = catalog.sources(system, requester);
        if (Workflow.getVersion(StoreIndex.COPIES, Workflow.DEFAULT_VERSION, 1) == Workflow.DEFAULT_VERSION) {
            return sources.stream().map(StoreIndex::refresh).toList();
        }
        List<CopiesQuestion> repositories = catalog.repositories(system, requester);
        List<Refreshed> refreshed = new ArrayList<>();
        for (IndexActivities.Source source : sources) {
            List<CopiesQuestion> its = repositories.stream()
                    .filter(question -> question.database().equals(source.database()))
                    .map(question -> question.thoroughly(thorough))
                    .toList();
            refreshed.add(refresh(source).with(StoreIndex.refreshCopies(its)));
        }
        return refreshed;
    }

    /** A store that is lost must not keep the catalogue from knowing what the others hold. */
    private static Refreshed refresh(IndexActivities.Source source) {
        try {
            return StoreIndex.refresh(source);
        } catch (ActivityFailure e) {
            if (CancellationScope.current().isCancelRequested()) {
                throw e;
            }
            return new Refreshed(source.system(), source.database(), 0, 0, false, StoreIndex.trouble(e), null);
        }
    }
}
