package dev.muster.workflows.recording;

import dev.muster.runbooks.observation.RepositoryObservation;

/** What was seen in the store of one database. */
public record StoreObservation(String system, String database, RepositoryObservation seen) {}
