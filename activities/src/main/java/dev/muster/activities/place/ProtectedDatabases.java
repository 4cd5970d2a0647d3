package dev.muster.activities.place;

import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.Replicating;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The databases that this worker's configuration names, each as the member that this worker acts for. */
public final class ProtectedDatabases {
    private final List<SystemDescription> systems;
    private final Optional<String> host;

    private ProtectedDatabases(List<SystemDescription> systems, Optional<String> host) {
        this.systems = List.copyOf(systems);
        this.host = host;
    }

    /** For a worker that acts for no member: it cares for what is stored. */
    public ProtectedDatabases(List<SystemDescription> systems) {
        this(systems, Optional.empty());
    }

    /** For a host worker: of each database it acts for the member on this host, whichever member a plan is for. */
    public ProtectedDatabases on(String hostName) {
        return new ProtectedDatabases(systems, Optional.of(hostName));
    }

    /** Each with the fields of the member on this worker's host, or as described where there is none. */
    public List<ProtectedDatabase> all() {
        return systems.stream()
                .flatMap(system ->
                        system.databases().stream().map(database -> ProtectedDatabase.of(system, here(database))))
                .toList();
    }

    private SystemDescription.Database here(SystemDescription.Database database) {
        return host.flatMap(database::memberOn)
                .map(member -> database.on(member.name()))
                .orElse(database);
    }

    /** A worker that acts for a member acts for no other; one that acts for none takes whichever is meant. */
    private boolean isSame(SystemDescription.Database mine, SystemDescription.Database other) {
        return mine.asDescribed().equals(other.asDescribed())
                && (host.flatMap(mine::memberOn).isEmpty() || mine.host().equals(other.host()));
    }

    /**
     * The database that a request or a plan names.
     *
     * @throws AuthorityRefusedException SYSTEM_UNKNOWN_HERE if this worker does not have it, SYSTEM_DIFFERS if it has it
     *     otherwise than the plan
     */
    public ProtectedDatabase of(Plan plan) {
        ProtectedDatabase mine = named(plan.system(), plan.database().name());
        // Where a host takes part it is the database's own repository; else any of the system, as this worker has it.
        SystemDescription.RepositoryPlace repository =
                plan.scenario().needsHost() ? mine.repository() : here(mine, plan.repository());
        Replicating replicate = plan.replicate();
        boolean targets = replicate == null
                || replicate.to().stream().allMatch(to -> here(mine, to).equals(to));
        if (!isSame(mine.description(), plan.database()) || !repository.equals(plan.repository()) || !targets) {
            throw new AuthorityRefusedException(
                    "SYSTEM_DIFFERS",
                    "This worker describes the database " + plan.system() + "/"
                            + plan.database().name() + " otherwise than the plan.",
                    "Give the worker and the run the same file for the system, then make a new plan.");
        }
        plan.steps().forEach(step -> refuseOtherCheck(mine.system(), step.check()));
        return mine.in(repository);
    }

    /** This worker's description of the repository of that name; else the database's own, which then differs. */
    private static SystemDescription.RepositoryPlace here(
            ProtectedDatabase mine, SystemDescription.RepositoryPlace named) {
        return mine.system().repository(named.name()).orElse(mine.repository());
    }

    /** As {@link #of(Plan)}, for a look at the repository that a runbook acts on. */
    public ProtectedDatabase of(ResolvedRunbook resolved) {
        ProtectedDatabase mine = of(resolved.system(), resolved.database());
        SystemDescription.RepositoryPlace repository = here(mine, resolved.repository());
        if (!repository.equals(resolved.repository())) {
            throw new AuthorityRefusedException(
                    "SYSTEM_DIFFERS",
                    "This worker describes the repository "
                            + resolved.repository().name() + " of the system "
                            + resolved.system().name() + " otherwise than the run, or does not have it.",
                    "Give the worker and the run the same file for the system.");
        }
        return mine.in(repository);
    }

    /** Queries and commands run with this worker's rights, so they are those of its own file, not a plan's. */
    private static void refuseOtherCheck(SystemDescription system, Plan.@Nullable PlannedCheck planned) {
        if (planned != null
                && system.checks().stream().map(Plan.PlannedCheck::of).noneMatch(planned::equals)) {
            throw new AuthorityRefusedException(
                    "SYSTEM_DIFFERS",
                    "This worker describes the check '" + planned.name() + "' of the system " + system.name()
                            + " otherwise than the plan, or does not have it.",
                    "Give the worker and the run the same file for the system, then make a new plan.");
        }
    }

    /** As {@link #of(Plan)}, for a look before there is a plan. */
    public ProtectedDatabase of(SystemDescription system, SystemDescription.Database database) {
        ProtectedDatabase mine = named(system.name(), database.name());
        if (!isSame(mine.description(), database) || !mine.repository().equals(system.repositoryOf(database))) {
            throw new AuthorityRefusedException(
                    "SYSTEM_DIFFERS",
                    "This worker describes the database " + system.name() + "/" + database.name()
                            + " otherwise than the run.",
                    "Give the worker and the run the same file for the system.");
        }
        if (!mine.system().checks().equals(system.checks())) {
            throw new AuthorityRefusedException(
                    "SYSTEM_DIFFERS",
                    "This worker has other checks of the system " + system.name() + " than the run.",
                    "Give the worker and the run the same file for the system.");
        }
        return mine;
    }

    private ProtectedDatabase named(String system, String database) {
        Optional<ProtectedDatabase> found = all().stream()
                .filter(candidate -> candidate.system().name().equals(system)
                        && candidate.description().name().equals(database))
                .findFirst();
        return found.orElseThrow(() -> new AuthorityRefusedException(
                "SYSTEM_UNKNOWN_HERE",
                "This worker's configuration has no database " + system + "/" + database + ".",
                "Add the system's file to the worker's systems and start it again."));
    }
}
