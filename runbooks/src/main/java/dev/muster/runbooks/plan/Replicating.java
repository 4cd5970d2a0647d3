package dev.muster.runbooks.plan;

import dev.muster.runbooks.SystemDescription;
import java.util.List;
import java.util.Optional;

/** @param to where backups and WAL go, a step each */
public record Replicating(List<SystemDescription.RepositoryPlace> to) {
    public Replicating {
        to = List.copyOf(to);
    }

    /** The step that copies to a repository. */
    public static String stepId(String repository) {
        return "replicate-" + repository;
    }

    /** Where a step of the plan copies to. */
    public Optional<SystemDescription.RepositoryPlace> of(String stepId) {
        return to.stream().filter(place -> stepId(place.name()).equals(stepId)).findFirst();
    }
}
