package dev.muster.repository.expiry;

import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.Verdict;
import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes away the backups of one source that nothing keeps. First a plan, which changes nothing; then the plan is carried
 * out, and nothing is deleted that it does not name. It may be killed anywhere: done again, it finishes. Others may
 * write, keep and expire meanwhile, on this machine and others (docs/format/backups.md, "Expiry and object lock").
 */
public final class Expiry {
    private final Repository repository;
    private final String source;
    private final RetentionPolicy policy;
    private final ExpirySettings settings;

    public Expiry(Repository repository, String source, RetentionPolicy policy, ExpirySettings settings) {
        this.repository = repository;
        this.source = Paths.source(source);
        this.policy = policy;
        this.settings = settings;
    }

    /**
     * What would be done now. Reads every decision, mark, lease, manifest and file map of the source.
     *
     * @throws RepositoryException OBJECT_DAMAGED if one of them cannot be read; EXPIRY_OF_EVERYTHING, EXPIRY_TOO_LARGE;
     *     BACKUP_UNKNOWN for a named backup
     */
    public ExpiryPlan plan() {
        Instant now = repository.clock().instant();
        SourceObjects objects = new SourceObjects(repository, source);
        Map<String, BackupObjects> backups = objects.list();
        List<FoundLease> leases = objects.leases();
        ExpiryPlan plan = new Planning(repository, source, policy, settings).plan(backups, leases, now, now);
        List<Running> running = new ArrayList<>(plan.running());
        running.addAll(RunningBackups.restores(repository, source, now));
        Set<String> unknown = new TreeSet<>(settings.named());
        plan.verdicts().forEach(verdict -> unknown.remove(verdict.backup().id()));
        unknown.removeAll(plan.named());
        if (!unknown.isEmpty()) {
            throw new RepositoryException(
                    "BACKUP_UNKNOWN",
                    "There is no committed backup " + unknown.iterator().next() + " of " + source + " in "
                            + repository.store().url() + ".",
                    "Nothing was deleted. List the backups of " + source + ".");
        }
        return new ExpiryPlan(
                plan.repository(),
                source,
                now,
                plan.verdicts(),
                plan.cleaning(),
                freed(plan, backups),
                running,
                TemporaryFiles.count(repository.store(), now));
    }

    private Map<String, Freed> freed(ExpiryPlan plan, Map<String, BackupObjects> backups) {
        Map<String, Freed> freed = new HashMap<>();
        Set<String> named = plan.named();
        if (named.isEmpty()) {
            return freed;
        }
        Needed needed = new Needed(repository, source);
        plan.verdicts().stream().filter(Verdict::kept).map(Verdict::backup).forEach(needed::add);
        for (String id : named) {
            Freed sum = new Freed(0, 0, 0, 0);
            for (ObjectInfo object :
                    backups.getOrDefault(id, BackupObjects.none(source, id)).content()) {
                sum = sum.plus(object.size(), needed.contains(object.key()));
            }
            freed.put(id, sum);
        }
        return freed;
    }

    /**
     * Carries out a plan.
     *
     * @throws RepositoryException EXPIRY_PLAN_CHANGED if more would go now than the plan names, nothing is deleted then;
     *     OBJECT_DAMAGED if something cannot be read, at most some COMMITs that the plan names are deleted then
     */
    public ExpiryResult apply(ExpiryPlan plan, ExpiryProgress progress) {
        if (!plan.repository().equals(repository.id()) || !plan.source().equals(source)) {
            throw changed("It is a plan for " + plan.source() + " in the repository " + plan.repository());
        }
        return new ExpiryRun(repository, source, policy, settings, progress).apply(plan);
    }

    /**
     * Makes the plan again and carries it out if it is the one that was shown.
     *
     * @param hash of the plan that was shown
     * @throws RepositoryException as {@link #apply(ExpiryPlan, ExpiryProgress)}
     */
    public ExpiryResult apply(String hash, ExpiryProgress progress) {
        ExpiryPlan plan = plan();
        if (!plan.hash().equals(hash)) {
            throw changed("The plan has the hash " + plan.hash() + " now, not " + hash);
        }
        return apply(plan, progress);
    }

    static RepositoryException changed(String why) {
        return new RepositoryException(
                "EXPIRY_PLAN_CHANGED",
                why + ".",
                "Nothing was deleted. Backups were made or ended since the plan, or the rules were changed: read a new"
                        + " plan.");
    }
}
