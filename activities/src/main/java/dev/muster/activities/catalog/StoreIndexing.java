package dev.muster.activities.catalog;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.RequestFiles;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedTimelineSwitch;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.SourceIndex;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.recording.IndexActivities;
import dev.muster.workflows.recording.StoreIndex;
import dev.muster.workflows.recording.StoreObservation;
import dev.muster.workflows.run.RunRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Stores as the catalogue's index shows them. */
public final class StoreIndexing implements IndexActivities {
    private final Catalog catalog;

    public StoreIndexing(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public List<Source> sources(RunRequest.SourceFile system, String requester) {
        return ActivityWork.run(heartbeats -> {
            List<Source> found = new ArrayList<>();
            for (RunbookFiles.LoadedSystem loaded :
                    RunbookFiles.read(List.of(RequestFiles.source(system))).systems()) {
                for (SystemDescription.Database database : loaded.system().databases()) {
                    RunRequest question = StoreIndex.question(
                            system,
                            loaded.system().name(),
                            database.name(),
                            UlidCreator.getUlid().toString(),
                            requester);
                    found.add(new Source(
                            loaded.system().name(),
                            database.name(),
                            RequestFiles.read(question).resolved().repository().site(),
                            question));
                }
            }
            return found;
        });
    }

    @Override
    public boolean store(StoreObservation observation) {
        return ActivityWork.run(heartbeats -> catalog.index().replace(index(observation)));
    }

    static SourceIndex index(StoreObservation observation) {
        RepositoryObservation seen = observation.seen();
        return new SourceIndex(
                observation.system(),
                observation.database(),
                seen.observedAt(),
                seen.walEndTime(),
                seen.backups().stream()
                        .sorted(Comparator.comparing(
                                        RepositoryObservation.Backup::stop,
                                        Comparator.comparingLong(position -> position.value()))
                                .reversed())
                        .map(backup -> new IndexedBackup(
                                backup.id(),
                                backup.kind(),
                                backup.systemId(),
                                backup.serverVersion(),
                                backup.timeline(),
                                backup.start().toString(),
                                backup.stop().toString(),
                                backup.startTime(),
                                backup.stopTime(),
                                backup.bytes()))
                        .toList(),
                seen.wal().stream()
                        .map(range -> new IndexedWalRange(
                                range.timeline(),
                                range.from().toString(),
                                range.to().toString()))
                        .toList(),
                seen.timelines().stream()
                        .map(left -> new IndexedTimelineSwitch(
                                left.timeline(), left.parent(), left.at().toString()))
                        .toList());
    }
}
