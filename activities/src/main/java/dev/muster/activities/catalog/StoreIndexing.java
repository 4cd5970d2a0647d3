package dev.muster.activities.catalog;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.activities.ActivityWork;
import dev.muster.activities.place.RequestFiles;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedCopy;
import dev.muster.catalog.IndexedMark;
import dev.muster.catalog.IndexedTimelineSwitch;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.RepositoryIndex;
import dev.muster.catalog.SourceIndex;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.CopiesQuestion;
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
    public List<CopiesQuestion> repositories(RunRequest.SourceFile system, String requester) {
        return ActivityWork.run(heartbeats -> {
            List<CopiesQuestion> questions = new ArrayList<>();
            for (RunbookFiles.LoadedSystem loaded :
                    RunbookFiles.read(List.of(RequestFiles.source(system))).systems()) {
                SystemDescription described = loaded.system();
                for (SystemDescription.Database database : described.databases()) {
                    described
                            .repositories()
                            .forEach(repository -> questions.add(StoreIndex.copiesQuestion(
                                    system,
                                    described.name(),
                                    database.name(),
                                    repository.name(),
                                    repository.site(),
                                    UlidCreator.getUlid().toString(),
                                    requester)));
                }
            }
            return questions;
        });
    }

    @Override
    public boolean storeCopies(CopiesObservation seen) {
        return ActivityWork.run(heartbeats -> {
            // In any case: what an older look has proved may be newer than what is known at its level.
            catalog.proofs().keep(seen.system(), seen.database(), Proofs.of(seen));
            return catalog.copies().keep(copies(seen), seen.everything());
        });
    }

    static RepositoryIndex copies(CopiesObservation seen) {
        return new RepositoryIndex(
                seen.system(),
                seen.database(),
                seen.repository(),
                seen.store(),
                seen.observedAt(),
                seen.copies().stream()
                        .map(copy -> new IndexedCopy(
                                indexed(copy.backup()),
                                copy.committed(),
                                seen.observedAt(),
                                copy.marks().stream()
                                        .map(mark -> new IndexedMark(
                                                mark.mark(), mark.by(), mark.why(), mark.made(), mark.until()))
                                        .toList()))
                        .toList());
    }

    private static IndexedBackup indexed(RepositoryObservation.Backup backup) {
        return new IndexedBackup(
                backup.id(),
                backup.kind(),
                backup.systemId(),
                backup.serverVersion(),
                backup.timeline(),
                backup.start().toString(),
                backup.stop().toString(),
                backup.startTime(),
                backup.stopTime(),
                backup.bytes());
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
                        .map(StoreIndexing::indexed)
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
