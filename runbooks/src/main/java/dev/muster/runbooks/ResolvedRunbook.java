package dev.muster.runbooks;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A runbook together with the system that it is for and the database that it acts on.
 *
 * @param repository that it acts on: the database's, or the one that the runbook names
 * @param promised the runbook's objectives, else the system's for its scenario
 */
public record ResolvedRunbook(
        Runbook runbook,
        SystemDescription system,
        SystemDescription.Database database,
        SystemDescription.RepositoryPlace repository,
        Objectives promised) {

    /** @throws RunbookException OTHER_SYSTEM, UNKNOWN_DATABASE or DATABASE_AMBIGUOUS */
    public static ResolvedRunbook of(Runbook runbook, SystemDescription system) {
        runbook.system().filter(named -> !named.equals(system.name())).ifPresent(named -> {
            throw refused(
                    "OTHER_SYSTEM",
                    "The runbook " + runbook.name() + " is for the system '" + named + "', not for '" + system.name()
                            + "'.",
                    "Give the file of the system '" + named + "', or leave 'system' out of the runbook.");
        });
        SystemDescription.Database database = runbook.database()
                .map(named -> system.database(named)
                        .orElseThrow(() -> refused(
                                "UNKNOWN_DATABASE",
                                "The system " + system.name() + " has no database '" + named + "'.",
                                "Its databases: " + names(system) + ".")))
                .orElseGet(() -> only(runbook, system));
        return new ResolvedRunbook(
                runbook,
                system,
                database,
                repository(runbook, system, database),
                system.objectivesOf(runbook.scenario()).with(runbook.objectives()));
    }

    private static SystemDescription.RepositoryPlace repository(
            Runbook runbook, SystemDescription system, SystemDescription.Database database) {
        Optional<String> named = Optional.empty();
        if (runbook instanceof Runbook.Verify verify) {
            named = verify.repository();
        } else if (runbook instanceof Runbook.Expire expire) {
            named = expire.repository();
        } else if (runbook instanceof Runbook.Replicate replicate) {
            replicate.to().forEach(to -> known(system, to));
        }
        return named.map(name -> known(system, name)).orElseGet(() -> system.repositoryOf(database));
    }

    private static SystemDescription.RepositoryPlace known(SystemDescription system, String repository) {
        return system.repository(repository)
                .orElseThrow(() -> refused(
                        "UNKNOWN_REPOSITORY",
                        "The system " + system.name() + " has no repository '" + repository + "'.",
                        "Its repositories: "
                                + system.repositories().stream()
                                        .map(SystemDescription.RepositoryPlace::name)
                                        .collect(Collectors.joining(", "))
                                + "."));
    }

    private static SystemDescription.Database only(Runbook runbook, SystemDescription system) {
        List<SystemDescription.Database> databases = system.databases();
        if (databases.size() != 1) {
            throw refused(
                    "DATABASE_AMBIGUOUS",
                    "The runbook " + runbook.name() + " names no database, and the system " + system.name() + " has "
                            + databases.size() + ".",
                    "Write spec.database in the runbook: one of " + names(system) + ".");
        }
        return databases.get(0);
    }

    private static String names(SystemDescription system) {
        return system.databases().stream().map(SystemDescription.Database::name).collect(Collectors.joining(", "));
    }

    private static RunbookException refused(String code, String message, String hint) {
        return new RunbookException(Problem.of(code, message, hint));
    }
}
