package dev.muster.runbooks.observation;

import java.time.Instant;

/** All that a plan is compiled from beside the files. */
public record Observed(DatabaseObservation database, RepositoryObservation repository) {
    /** The moment that both observations speak of: the later of the two. */
    public Instant at() {
        return database.observedAt().isAfter(repository.observedAt()) ? database.observedAt() : repository.observedAt();
    }
}
