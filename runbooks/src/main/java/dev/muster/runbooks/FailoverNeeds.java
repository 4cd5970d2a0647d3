package dev.muster.runbooks;

import java.util.ArrayList;
import java.util.List;

/** What a database must have before a failover of it can be meant at all; asked where a runbook meets its system. */
public final class FailoverNeeds {
    private FailoverNeeds() {}

    /** What is missing, as problems without a place; empty if a failover can be planned. */
    public static List<Problem> missing(SystemDescription.Database database) {
        List<Problem> missing = new ArrayList<>();
        if (database.members().size() < 2) {
            missing.add(Problem.of(
                    "FAILOVER_NEEDS_MEMBERS",
                    "The database '" + database.name() + "' has one member: there is nothing to fail over to.",
                    "Describe its standbys under 'members', or recover it with a runbook that restores."));
        } else if (database.members().stream().filter(Member::promotable).count() < 2) {
            missing.add(Problem.of(
                    "NO_CANDIDATE",
                    "The database '" + database.name() + "' has no second member that may be promoted.",
                    "Take 'promotable: false' from the member that is to take over."));
        }
        return missing;
    }
}
