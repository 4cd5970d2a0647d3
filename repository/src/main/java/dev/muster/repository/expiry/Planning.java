package dev.muster.repository.expiry;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.retention.Candidate;
import dev.muster.repository.retention.KeepMark;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.repository.retention.RetentionPlanner;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.Verdict;
import dev.muster.storage.ObjectInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Makes an expiry's plan of what was listed. */
final class Planning {
    private static final String NOBODY = "unknown";

    private final Repository repository;
    private final String source;
    private final RetentionPolicy policy;
    private final ExpirySettings settings;

    Planning(Repository repository, String source, RetentionPolicy policy, ExpirySettings settings) {
        this.repository = repository;
        this.source = source;
        this.policy = policy;
        this.settings = settings;
    }

    /**
     * @param now for the age of backups
     * @param storeNow by the store's clock, for how long nothing was stored
     */
    ExpiryPlan plan(Map<String, BackupObjects> backups, List<FoundLease> leases, Instant now, Instant storeNow) {
        List<Verdict> verdicts = verdicts(backups.values(), now, storeNow);
        List<Cleaning> cleaning = new ArrayList<>();
        List<Running> running = new ArrayList<>();
        Set<String> ids = new TreeSet<>(backups.keySet());
        leases.forEach(lease -> ids.add(lease.backup()));
        for (String id : ids) {
            BackupObjects backup = backups.getOrDefault(id, BackupObjects.none(source, id));
            if (backup.committed().isEmpty()) {
                judge(backup, of(id, leases), storeNow, cleaning, running);
            }
        }
        return new ExpiryPlan(repository.id(), source, now, verdicts, cleaning, Map.of(), running, 0);
    }

    private List<Verdict> verdicts(Collection<BackupObjects> backups, Instant now, Instant storeNow) {
        List<CommittedBackup> committed = settings.order()
                .apply(backups.stream()
                        .flatMap(backup -> backup.committed().stream())
                        .toList());
        List<Candidate> candidates = new ArrayList<>();
        for (CommittedBackup backup : committed) {
            List<KeepMark> marks = marks(backups.stream()
                    .filter(one -> one.id().equals(backup.id()))
                    .findFirst()
                    .orElseThrow());
            boolean named = settings.named().contains(backup.id());
            candidates.add(new Candidate(backup, settings.order().line(backup), marks, named));
        }
        List<Verdict> verdicts = RetentionPlanner.plan(policy, candidates, now, storeNow);
        long expired = verdicts.stream().filter(verdict -> !verdict.kept()).count();
        if (expired > 0 && expired == verdicts.size()) {
            throw new RepositoryException(
                    "EXPIRY_OF_EVERYTHING",
                    "This would take away all " + expired + " backups of " + source + ".",
                    "Nothing was deleted. Leave at least one of the named backups out.");
        }
        if (expired > settings.maxBackups()) {
            throw new RepositoryException(
                    "EXPIRY_TOO_LARGE",
                    "This would take away " + expired + " backups of " + source + "; at most " + settings.maxBackups()
                            + " are allowed at a time.",
                    "Nothing was deleted. Were the rules changed, or a clock? Allow more if it is meant.");
        }
        return verdicts;
    }

    /** Also read when a plan is carried out: a mark may have been made since. */
    List<KeepMark> marks(BackupObjects backup) {
        KeepMarks marks = new KeepMarks(repository, source);
        return backup.marks(Paths.KEEP).stream()
                .flatMap(mark -> marks.read(backup.id(), mark.key()).stream())
                .toList();
    }

    private void judge(
            BackupObjects backup,
            List<FoundLease> leases,
            Instant storeNow,
            List<Cleaning> cleaning,
            List<Running> running) {
        boolean empty = backup.content().isEmpty()
                && leases.isEmpty()
                && marksOnly(backup).isEmpty();
        if (backup.aborted()) {
            if (!empty) {
                cleaning.add(cleaning(backup, Cleaning.Why.ABORTED));
            }
            return;
        }
        if (backup.expiring()) {
            cleaning.add(cleaning(backup, Cleaning.Why.EXPIRED));
            return;
        }
        Instant last = last(backup, leases);
        if (last.isBefore(storeNow.minus(settings.deadAfter()))) {
            cleaning.add(cleaning(backup, leases.isEmpty() ? Cleaning.Why.LEFTOVER : Cleaning.Why.DEAD));
        } else {
            // Without a lease it may be a copy of a repository that is just being made here.
            running.add(new Running(
                    backup.id(), leases.isEmpty() ? NOBODY : leases.get(0).writer(), last));
        }
    }

    private static List<ObjectInfo> marksOnly(BackupObjects backup) {
        return Stream.concat(backup.marks(Paths.KEEP).stream(), backup.marks(Paths.EXPIRE).stream())
                .toList();
    }

    private static Cleaning cleaning(BackupObjects backup, Cleaning.Why why) {
        List<ObjectInfo> content = backup.content();
        return new Cleaning(
                backup.id(),
                why,
                content.size(),
                content.stream().mapToLong(ObjectInfo::size).sum());
    }

    static Instant last(BackupObjects backup, List<FoundLease> leases) {
        return Stream.concat(
                        backup.objects().stream().map(ObjectInfo::modified),
                        leases.stream().map(FoundLease::modified))
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    static List<FoundLease> of(String backup, List<FoundLease> leases) {
        return leases.stream().filter(lease -> lease.backup().equals(backup)).toList();
    }
}
