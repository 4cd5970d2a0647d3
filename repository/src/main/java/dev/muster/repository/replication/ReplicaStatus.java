package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far a replica is behind its origin, by what both list.
 *
 * @param origin URL
 * @param replica URL
 */
public record ReplicaStatus(String origin, String replica, Instant time, List<SourceLag> sources) {
    public ReplicaStatus {
        sources = List.copyOf(sources);
    }

    /**
     * Lists both stores and reads their COMMITs.
     *
     * @param replica may be empty still if it never held anything: then everything is missing
     * @throws dev.muster.repository.RepositoryException REPLICA_EMPTY, REPLICA_OTHER_REPOSITORY
     * @throws dev.muster.storage.StoreException if one of them cannot be listed: then nothing is known
     */
    public static ReplicaStatus of(Repository origin, ObjectStore replica, Collection<String> sources, Clock clock) {
        List<SourceLag> lags = new ArrayList<>();
        boolean begun = replica.find(ObjectName.REPOSITORY).isPresent();
        if (!begun) {
            new KnownReplicas(origin.store()).requireNew(replica);
        }
        try (Repository there = begun ? origin.in(replica) : null) {
            for (String source : sources) {
                lags.add(new Comparison(origin.store(), replica)
                        .lag(source, wanted(origin, source), committed(there, source)));
            }
        }
        return new ReplicaStatus(origin.store().url(), replica.url(), clock.instant(), lags);
    }

    /** One whose COMMIT cannot be read is wanted too: else a process with the keys of last month would miss nothing. */
    private static NavigableSet<String> wanted(Repository origin, String source) {
        List<RepositoryException> unreadable = new ArrayList<>();
        NavigableSet<String> wanted = new TreeSet<>();
        origin.backups(source, unreadable::add).stream()
                .map(CommittedBackup::id)
                .forEach(wanted::add);
        if (!unreadable.isEmpty()) {
            origin.store().list(ObjectName.backups(source), object -> {
                if (isCommit(object) && ObjectName.of(object.key()) instanceof ObjectName.OfBackup commit) {
                    if (!wanted.contains(commit.backup()) && !isDecidedAgainst(origin, commit)) {
                        wanted.add(commit.backup());
                    }
                }
            });
        }
        return wanted;
    }

    private static boolean isCommit(ObjectInfo object) {
        return ObjectName.of(object.key()) instanceof ObjectName.OfBackup name && name.kind() == ObjectType.COMMIT;
    }

    private static boolean isDecidedAgainst(Repository origin, ObjectName.OfBackup commit) {
        try {
            origin.backup(commit.source(), commit.backup());
            return false;
        } catch (RepositoryException e) {
            return Set.of("BACKUP_NOT_COMMITTED", "BACKUP_UNKNOWN").contains(e.code());
        } catch (StoreException e) {
            return false;
        }
    }

    private static NavigableSet<String> committed(@Nullable Repository repository, String source) {
        NavigableSet<String> backups = new TreeSet<>();
        if (repository != null) {
            // One that cannot be read counts as missing there; verifying names it.
            repository.backups(source, unreadable -> {}).stream()
                    .map(CommittedBackup::id)
                    .forEach(backups::add);
        }
        return backups;
    }

    public boolean current() {
        return sources.stream().allMatch(SourceLag::current);
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("origin", origin).put("replica", replica).put("time", time.toString());
        json.put("current", current());
        ArrayNode list = json.putArray("sources");
        sources.forEach(lag -> list.add(lag.toJson(time)));
        return json;
    }

    /** Of one source, folder by folder. */
    private static final class Comparison {
        private static final int WAL_FOLDER_DEPTH = 3;

        private final ObjectStore origin;
        private final ObjectStore replica;
        private long missing;
        private long bytes;
        private @Nullable Instant since;
        private @Nullable WalPosition originWal;
        private @Nullable WalPosition replicaWal;

        Comparison(ObjectStore origin, ObjectStore replica) {
            this.origin = origin;
            this.replica = replica;
        }

        SourceLag lag(String source, NavigableSet<String> wanted, NavigableSet<String> there) {
            for (String backup : wanted) {
                folder(ObjectName.backup(source, backup));
            }
            leftovers(source, wanted);
            List<ObjectInfo> histories = new ArrayList<>();
            Listings.folders(origin, ObjectName.wal(source), WAL_FOLDER_DEPTH, histories::add)
                    .forEach(this::folder);
            for (ObjectInfo history : histories) {
                compare(history, replica.find(history.key()).map(ObjectInfo::size));
            }
            NavigableSet<String> lacking = new TreeSet<>(wanted);
            lacking.removeAll(there);
            return new SourceLag(
                    source,
                    last(wanted),
                    last(there),
                    lacking.size(),
                    Optional.ofNullable(originWal),
                    Optional.ofNullable(replicaWal),
                    missing,
                    bytes,
                    Optional.ofNullable(since));
        }

        private void folder(String prefix) {
            Map<String, Long> there = Listings.sizes(replica, prefix);
            there.keySet().forEach(key -> replicaWal = later(replicaWal, key));
            origin.list(prefix, object -> {
                originWal = later(originWal, object.key());
                compare(object, Optional.ofNullable(there.get(object.key())));
            });
        }

        /** What expired backups have left, because others need it. */
        private void leftovers(String source, Set<String> wanted) {
            Set<String> leased = Listings.leased(origin);
            for (String prefix : Listings.folders(origin, ObjectName.backups(source), 1, stray -> {})) {
                String backup = prefix.substring(ObjectName.backups(source).length(), prefix.length() - 1);
                if (wanted.contains(backup) || leased.contains(backup)) {
                    continue;
                }
                List<ObjectInfo> objects = new ArrayList<>();
                origin.list(prefix, objects::add);
                if (objects.stream().noneMatch(ReplicaStatus::isCommit)) {
                    Map<String, Long> there = Listings.sizes(replica, prefix);
                    objects.stream()
                            .filter(object ->
                                    ObjectName.of(object.key()) instanceof ObjectName.OfBackup name && name.shared())
                            .forEach(object -> compare(object, Optional.ofNullable(there.get(object.key()))));
                }
            }
        }

        private void compare(ObjectInfo object, Optional<Long> there) {
            if (Run.isExpiring(object.key())) {
                return; // Each store expires by its own rule.
            }
            if (there.isEmpty() || there.get() != object.size()) {
                missing++;
                bytes += object.size();
                since = since == null || object.modified().isBefore(since) ? object.modified() : since;
            }
        }

        private static @Nullable WalPosition later(@Nullable WalPosition known, String key) {
            if (!(ObjectName.of(key) instanceof ObjectName.Wal wal) || wal.kind() == ObjectType.WAL_HISTORY) {
                return known;
            }
            WalPosition found = WalPosition.of(wal);
            return known == null || known.compareTo(found) < 0 ? found : known;
        }

        private static Optional<String> last(NavigableSet<String> backups) {
            return backups.isEmpty() ? Optional.empty() : Optional.of(backups.last());
        }
    }
}
