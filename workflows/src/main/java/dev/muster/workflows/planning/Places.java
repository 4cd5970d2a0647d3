package dev.muster.workflows.planning;

/**
 * Where a run's steps are executed, from its runbook and system.
 *
 * @param host the database host's worker
 * @param site the site whose worker reads the repository
 * @param recorded whether there is a catalogue that keeps the run's record; false in histories from before there was
 */
public record Places(String system, String database, String host, String site, boolean recorded) {}
