package dev.muster.repository.expiry;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.reading.Readers;
import dev.muster.repository.retention.KeepMark;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.Verdict;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One expiry, in the order that docs/format/backups.md gives: each step is safe because of those before it. */
final class ExpiryRun {
    private final Repository repository;
    private final String source;
    private final ExpirySettings settings;
    private final ExpiryProgress progress;
    private final Planning planning;
    private final SourceObjects objects;
    private final SafeDelete delete;
    private final List<String> expired = new ArrayList<>();
    private final List<String> aborted = new ArrayList<>();
    private final List<String> spared = new ArrayList<>();

    ExpiryRun(
            Repository repository,
            String source,
            RetentionPolicy policy,
            ExpirySettings settings,
            ExpiryProgress progress) {
        this.repository = repository;
        this.source = source;
        this.settings = settings;
        this.progress = progress;
        this.planning = new Planning(repository, source, policy, settings);
        this.objects = new SourceObjects(repository, source);
        this.delete = new SafeDelete(repository.store(), repository::isLocked, progress::deleted);
    }

    ExpiryResult apply(ExpiryPlan plan) {
        StoreProbe probe = probe(plan);
        Instant now = Stream.of(plan.now(), repository.clock().instant(), probe.now())
                .min(Instant::compareTo)
                .orElseThrow();
        progress.step(ExpiryProgress.Step.LISTING);
        Map<String, BackupObjects> before = objects.list();
        ExpiryPlan fresh = planning.plan(before, objects.leases(), now, probe.now());
        requireNamed(plan, fresh);
        List<Running> running = new ArrayList<>(fresh.running());
        running.addAll(RunningBackups.restores(repository, source, probe.now()));
        if (!probe.createsOnce()) {
            // Nobody could tell who was first, an abort or the writer's own decision.
            fresh.cleaning().stream()
                    .filter(one -> one.why() == Cleaning.Why.DEAD)
                    .forEach(one -> running.add(new Running(one.backup(), "unknown", probe.now())));
        }
        if (running.isEmpty()) {
            removeOldMarks(fresh, before, probe.now());
            progress.step(ExpiryProgress.Step.DECIDING);
            decide(fresh, before, now, probe.now());
            progress.step(ExpiryProgress.Step.LOOKING_FOR_WRITERS);
            Newcomers newcomers = new Newcomers(repository, objects);
            List<FoundLease> leases = objects.leases();
            // A restore that announces itself later looks for COMMITs that are gone by now.
            running.addAll(RunningBackups.restores(repository, source, probe.now()));
            Map<String, BackupObjects> after = objects.list();
            running.addAll(writers(leases, after, probe.now().minus(settings.deadAfter())));
            if (running.isEmpty() && !fresh.named().isEmpty()) {
                remove(fresh, leases, after, newcomers);
                newcomers.find().ifPresent(running::add);
            }
        }
        Readers.of(repository, source).stream()
                .filter(reader -> reader.modified().isBefore(probe.now().minus(settings.deadAfter())))
                .forEach(reader -> delete.delete(reader.key()));
        int files = TemporaryFiles.delete(repository.store(), probe.now());
        return new ExpiryResult(expired, aborted, spared, delete.count(), delete.locked(), running, files);
    }

    /** On a full disk not even a probe or a mark finds room. The lease of a committed backup means nothing any more. */
    private StoreProbe probe(ExpiryPlan plan) {
        try {
            return StoreProbe.of(repository.store());
        } catch (StoreException e) {
            if (!e.code().equals("STORE_FULL")) {
                throw e;
            }
            Map<String, BackupObjects> backups = objects.list();
            for (FoundLease lease : objects.leases()) {
                BackupObjects backup = backups.getOrDefault(lease.backup(), BackupObjects.none(source, lease.backup()));
                if (plan.expired().contains(lease.backup())
                        && backup.committed().isPresent()) {
                    delete.delete(lease.key());
                }
            }
            return StoreProbe.of(repository.store());
        }
    }

    private static void requireNamed(ExpiryPlan plan, ExpiryPlan fresh) {
        Set<String> more = new TreeSet<>(fresh.named());
        more.removeAll(plan.named());
        if (!more.isEmpty()) {
            throw Expiry.changed("Besides what the plan names, " + String.join(", ", more) + " would go now");
        }
    }

    /** Of an expiry that was killed before it took a COMMIT, and whose rules were not these. */
    private void removeOldMarks(ExpiryPlan fresh, Map<String, BackupObjects> before, Instant storeNow) {
        for (Verdict verdict : fresh.verdicts()) {
            BackupObjects backup = before.get(verdict.backup().id());
            if (verdict.kept() && backup != null) {
                backup.marks(Paths.EXPIRE).stream()
                        .filter(mark -> mark.modified().isBefore(storeNow.minus(settings.deadAfter())))
                        .forEach(mark -> delete.delete(mark.key()));
            }
        }
    }

    private void decide(ExpiryPlan fresh, Map<String, BackupObjects> before, Instant now, Instant storeNow) {
        for (Cleaning one : fresh.cleaning()) {
            if (one.why() == Cleaning.Why.DEAD && repository.abortBackup(source, one.backup())) {
                aborted.add(one.backup());
            }
        }
        Map<String, String> marks = new LinkedHashMap<>();
        for (String id : fresh.expired()) {
            if (repository.isLocked(Paths.commit(source, id))) {
                spared.add(id);
            } else {
                marks.put(id, mark(id));
            }
        }
        Set<String> restored = RunningBackups.restores(repository, source, storeNow).stream()
                .map(Running::backup)
                .collect(Collectors.toSet());
        // Who keeps a backup makes his mark before he looks for ours, so one of both sees the other.
        Map<String, BackupObjects> marked = objects.list();
        marks.forEach((id, mark) -> {
            BackupObjects none = BackupObjects.none(source, id);
            boolean kept = isKept(marked.getOrDefault(id, none), before.getOrDefault(id, none), now);
            // If this was suspended for long, another expiry has taken the mark away, and somebody may keep the backup.
            boolean lost = repository.store().find(mark).isEmpty();
            if (kept || lost || restored.contains(id) || !delete.delete(Paths.commit(source, id))) {
                spared.add(id);
                delete.delete(mark);
            } else {
                expired.add(id);
            }
        });
    }

    private String mark(String id) {
        String mark = UlidCreator.getUlid().toString();
        String key = Paths.expire(source, id, mark);
        String time = repository.clock().instant().toString();
        ExpireMark wanted = new ExpireMark(ExpireMark.FORMAT, ExpireMark.VERSION, source, id, mark, time);
        repository.documents().create(key, ObjectType.EXPIRE, wanted, ExpireMark.class);
        return key;
    }

    /** Only a mark that was not there when the plan was made again says anything new. */
    private boolean isKept(BackupObjects marked, BackupObjects before, Instant now) {
        Set<String> known =
                before.marks(Paths.KEEP).stream().map(ObjectInfo::key).collect(Collectors.toSet());
        boolean more = marked.marks(Paths.KEEP).stream().anyMatch(mark -> !known.contains(mark.key()));
        return more && planning.marks(marked).stream().anyMatch((KeepMark mark) -> mark.holds(now));
    }

    /** Backups that may refer to anything. One whose lease comes later than these looks only at COMMITs that stay. */
    private List<Running> writers(List<FoundLease> leases, Map<String, BackupObjects> after, Instant dead) {
        List<Running> running = new ArrayList<>();
        for (FoundLease lease : leases) {
            BackupObjects backup = after.getOrDefault(lease.backup(), BackupObjects.none(source, lease.backup()));
            if (backup.decision().isEmpty() && !backup.expiring()) {
                running.add(new Running(lease.backup(), lease.writer(), lease.modified()));
            }
        }
        for (BackupObjects backup : after.values()) {
            List<FoundLease> own = Planning.of(backup.id(), leases);
            boolean begun = backup.decision().isEmpty() && !backup.expiring() && own.isEmpty();
            if (begun && !Planning.last(backup, own).isBefore(dead)) {
                running.add(new Running(backup.id(), "unknown", Planning.last(backup, own)));
            }
        }
        return running;
    }

    private void remove(
            ExpiryPlan fresh, List<FoundLease> leases, Map<String, BackupObjects> after, Newcomers newcomers) {
        progress.step(ExpiryProgress.Step.READING_WHAT_IS_NEEDED);
        Needed needed = new Needed(repository, source);
        after.values().stream().flatMap(backup -> backup.committed().stream()).forEach(needed::add);
        progress.step(ExpiryProgress.Step.DELETING);
        newcomers.look();
        for (String id : fresh.named()) {
            BackupObjects backup = after.getOrDefault(id, BackupObjects.none(source, id));
            if (backup.committed().isEmpty()) {
                remove(backup, Planning.of(id, leases), needed, newcomers);
            }
        }
    }

    /** The expiry's mark goes last: until then it says what the rest is. */
    private void remove(BackupObjects backup, List<FoundLease> leases, Needed needed, Newcomers newcomers) {
        if (newcomers.find().isPresent()) {
            return;
        }
        boolean all = true;
        for (FoundLease lease : leases) {
            all &= delete.delete(lease.key());
        }
        if (!all) {
            return; // With a lease and without a manifest it would look like one whose packs may be used again.
        }
        for (ObjectInfo object : backup.content()) {
            boolean may = !needed.contains(object.key()) && newcomers.find().isEmpty();
            all &= may && delete.delete(object.key());
        }
        for (ObjectInfo mark : backup.marks(Paths.KEEP)) {
            all &= delete.delete(mark.key());
        }
        if (all) {
            backup.marks(Paths.EXPIRE).forEach(mark -> delete.delete(mark.key()));
        }
    }
}
