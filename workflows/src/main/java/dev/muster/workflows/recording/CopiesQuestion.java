package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;

/**
 * What a site's worker is asked about one repository.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param database whose backups
 * @param repository its name in the system
 * @param site whose worker reads it
 * @param request what the worker is asked with
 * @param thorough whether each backup's file maps are followed, and what looks at every byte have left is asked; else only
 *     COMMITs and marks are read
 */
public record CopiesQuestion(
        int schema,
        String system,
        String database,
        String repository,
        String site,
        RunRequest request,
        boolean thorough) {
    public static final int SCHEMA = 1;

    public CopiesQuestion {
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Unknown version of a question about copies: " + schema);
        }
    }

    CopiesQuestion thoroughly(boolean wanted) {
        return new CopiesQuestion(schema, system, database, repository, site, request, wanted);
    }
}
