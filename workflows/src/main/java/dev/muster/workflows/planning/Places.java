package dev.muster.workflows.planning;

/**
 * Where a run's steps are executed, from its runbook and system.
 *
 * @param host the database host's worker
 * @param site the site whose worker reads the repository
 */
public record Places(String system, String database, String host, String site) {}
