package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;
import java.util.ArrayList;
import java.util.List;

/** One database after the other: a refresh is in no hurry, and a site's worker has better things to do. */
public final class RefreshIndexImpl implements RefreshIndex {
    @Override
    public List<Refreshed> refresh(RunRequest.SourceFile system, String requester) {
        List<Refreshed> refreshed = new ArrayList<>();
        for (IndexActivities.Source source :
                CatalogActivities.asked(IndexActivities.class).sources(system, requester)) {
            refreshed.add(StoreIndex.refresh(source));
        }
        return refreshed;
    }
}
