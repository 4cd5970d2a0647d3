package dev.muster.postgres.retention;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.StoredWal;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.expiry.Running;
import dev.muster.repository.expiry.RunningBackups;
import dev.muster.repository.expiry.SafeDelete;
import dev.muster.storage.ObjectInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Takes away WAL of one source that none of its backups needs, after backups have expired. First a plan, then it is
 * carried out; it may be killed anywhere and is done again. Nothing of a cluster goes while anything about its WAL is
 * doubtful, and nothing of the source while a backup is being made.
 */
public final class WalExpiry {
    private final Repository repository;
    private final String source;
    private final WalPolicy policy;

    public WalExpiry(Repository repository, String source, WalPolicy policy) {
        this.repository = repository;
        this.source = source;
        this.policy = policy;
    }

    /**
     * What would go now. Lists all WAL, reads all decisions and history files.
     *
     * @throws PostgresException NOT_A_POSTGRES_BACKUP, HISTORY_DAMAGED; OBJECT_DAMAGED of the repository
     */
    public WalExpiryPlan plan() {
        return plan(repository.clock().instant(), Set.of());
    }

    /**
     * What would go after these backups have gone. To be shown, or applied when they have.
     *
     * @param expired ids of backups that are taken for gone already
     */
    public WalExpiryPlan planAfter(Set<String> expired) {
        return plan(repository.clock().instant(), expired);
    }

    /** @param latest no later than what this machine takes for now */
    private WalExpiryPlan plan(Instant latest, Set<String> without) {
        // First who writes: a backup that commits after this look is found as committed below.
        List<Running> running = RunningBackups.of(repository, source);
        Map<String, List<WalBackup>> backups = new HashMap<>();
        for (CommittedBackup backup : repository.backups(source)) {
            if (without.contains(backup.id())) {
                continue;
            }
            BackupSummary summary = BackupSummary.of(backup.summary());
            backups.computeIfAbsent(summary.systemId(), any -> new ArrayList<>())
                    .add(new WalBackup(backup.id(), summary, backup.committed()));
        }
        Map<String, List<ObjectInfo>> wal = objects();
        // The store's own clock was at least here, and nothing must be created to know it: its disk may be full.
        Instant storeNow = wal.values().stream()
                .flatMap(List::stream)
                .map(ObjectInfo::modified)
                .max(Instant::compareTo)
                .orElse(latest);
        Instant now = latest.isBefore(storeNow) ? latest : storeNow;
        List<ClusterWal> clusters = new ArrayList<>();
        wal.forEach((systemId, objects) ->
                clusters.add(cluster(systemId, objects, backups.getOrDefault(systemId, List.of()), now, storeNow)));
        return new WalExpiryPlan(repository.id(), source, now, clusters, running);
    }

    private String root() {
        return "src/" + source + "/wal/";
    }

    private Map<String, List<ObjectInfo>> objects() {
        String root = root();
        Map<String, List<ObjectInfo>> bySystem = new TreeMap<>();
        repository.store().list(root, object -> {
            int slash = object.key().indexOf('/', root.length());
            String systemId = slash < 0 ? "" : object.key().substring(root.length(), slash);
            bySystem.computeIfAbsent(systemId, any -> new ArrayList<>()).add(object);
        });
        return bySystem;
    }

    private ClusterWal cluster(
            String systemId, List<ObjectInfo> objects, List<WalBackup> backups, Instant now, Instant storeNow) {
        if (backups.isEmpty()) {
            String doubt = "the source has no backup of this cluster; one may be about to be made";
            return new ClusterWal(systemId, List.of(), List.of(), objects.size(), List.of(doubt), List.of());
        }
        Set<Integer> sizes = new HashSet<>();
        backups.forEach(backup -> sizes.add(backup.summary().segmentSize()));
        if (sizes.size() > 1) {
            String doubt = "its backups say different sizes of segments: " + sizes;
            return new ClusterWal(systemId, List.of(), List.of(), objects.size(), List.of(doubt), List.of());
        }
        WalFiles files =
                new WalFiles(root() + systemId + "/", objects, sizes.iterator().next());
        Map<Integer, TimelineHistory> histories = new TreeMap<>();
        files.histories()
                .forEach((timeline, object) ->
                        histories.put(timeline, TimelineHistory.parse(timeline, history(object.key()))));
        return new WalPlanner(policy, files, backups, histories, now, storeNow).plan();
    }

    private byte[] history(String key) {
        try (InputStream in = repository.readFramed(ObjectType.WAL_HISTORY, key)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + key, e);
        }
    }

    /**
     * Carries a plan out.
     *
     * @throws PostgresException WAL_PLAN_CHANGED if more would go now than the plan names; nothing is deleted then
     */
    public WalExpiryResult apply(WalExpiryPlan plan, Progress progress) {
        if (!plan.repository().equals(repository.id()) || !plan.source().equals(source)) {
            throw changed("It is a plan for " + plan.source() + " in the repository " + plan.repository());
        }
        Instant here = repository.clock().instant();
        WalExpiryPlan fresh = plan(plan.now().isBefore(here) ? plan.now() : here, Set.of());
        requireNamed(plan, fresh);
        List<String> doubts = new ArrayList<>(
                fresh.clusters().stream().flatMap(one -> one.doubts().stream()).toList());
        SafeDelete delete = new SafeDelete(repository.store(), repository::isLocked, key -> {});
        long bytes = 0;
        if (fresh.running().isEmpty()) {
            for (ClusterWal cluster : fresh.clusters()) {
                for (ExpiredWal wal : cluster.expired()) {
                    progress.check("Expiring WAL");
                    Optional<String> doubt = doubt(wal);
                    doubt.ifPresent(doubts::add);
                    bytes += doubt.isEmpty() && delete.delete(wal.key()) ? wal.bytes() : 0;
                }
            }
        }
        return new WalExpiryResult(delete.count(), bytes, delete.locked(), doubts, fresh.running());
    }

    private static void requireNamed(WalExpiryPlan plan, WalExpiryPlan fresh) {
        Set<String> named = new HashSet<>();
        plan.expired().forEach(wal -> named.add(wal.key()));
        fresh.expired().stream()
                .filter(wal -> !named.contains(wal.key()))
                .findFirst()
                .ifPresent(more -> {
                    throw changed("Besides what the plan names, " + more.key() + " would go now");
                });
    }

    /** A part goes only beside a whole segment that can be opened and is as long as its name says. */
    private Optional<String> doubt(ExpiredWal wal) {
        if (wal.whole().isEmpty()) {
            return Optional.empty();
        }
        StoredWal whole = wal.whole().get();
        try {
            long size = repository.framedSize(ObjectType.WAL_SEGMENT, whole.key());
            return size == whole.segment().segmentSize()
                    ? Optional.empty()
                    : Optional.of("the part " + wal.key() + " stays: " + whole.key() + " has " + size + " bytes");
        } catch (RepositoryException e) {
            return Optional.of("the part " + wal.key() + " stays: " + e.getMessage());
        }
    }

    private static PostgresException changed(String why) {
        return new PostgresException(
                "WAL_PLAN_CHANGED",
                why + ".",
                "Nothing was deleted. Backups or WAL have come or gone since the plan: read a new one.");
    }
}
