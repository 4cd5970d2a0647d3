package dev.muster.repository.expiry;

import dev.muster.repository.Decision;
import dev.muster.repository.Lease;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Looks at everything of one source. What cannot be read is an error: then nobody knows what is needed. */
final class SourceObjects {
    private static final Pattern ULID = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");

    private final Repository repository;
    private final String source;

    /** A decision is never changed while it is there, so each is read once. */
    private final Map<String, Decision> decisions = new TreeMap<>();

    /** Whether an expiry has made a mark, by key. */
    private final Map<String, Boolean> authentic = new TreeMap<>();

    SourceObjects(Repository repository, String source) {
        this.repository = repository;
        this.source = Paths.source(source);
    }

    /** By backup, in the order of ids. */
    Map<String, BackupObjects> list() {
        String prefix = Paths.backups(source);
        Map<String, List<ObjectInfo>> found = new TreeMap<>();
        repository.store().list(prefix, object -> {
            String[] parts = object.key().substring(prefix.length()).split("/", -1);
            if (parts.length == 2 && ULID.matcher(parts[0]).matches() && BackupObjects.known(parts[1])) {
                found.computeIfAbsent(parts[0], any -> new ArrayList<>()).add(object);
            }
        });
        Map<String, BackupObjects> backups = new TreeMap<>();
        found.forEach((id, objects) -> {
            boolean decided = objects.stream().anyMatch(object -> object.key().endsWith("/COMMIT"));
            if (!decided) {
                objects.removeIf(object -> isForged(id, object.key()));
            }
            backups.put(id, new BackupObjects(source, id, objects, decided ? decision(id) : Optional.empty()));
        });
        return backups;
    }

    /**
     * Whether somebody without the key has put an expiry's mark there. It would have the packs of a backup that is being made
     * deleted by who may delete, which he himself may not.
     */
    private boolean isForged(String id, String key) {
        String prefix = Paths.backup(source, id) + Paths.EXPIRE;
        return key.startsWith(prefix) && !authentic.computeIfAbsent(key, mark -> isAuthentic(id, mark));
    }

    private boolean isAuthentic(String id, String key) {
        try {
            ExpireMark mark = repository.documents().read(key, ObjectType.EXPIRE, ExpireMark.class);
            return mark.source().equals(source) && mark.backup().equals(id) && key.endsWith(Paths.EXPIRE + mark.mark());
        } catch (ObjectMissingException gone) {
            return true; // Another expiry was done with it; it was listed, and nobody forges what is gone.
        } catch (RepositoryException unreadable) {
            return false;
        }
    }

    private Optional<Decision> decision(String id) {
        Decision known = decisions.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Decision> read = repository.decision(source, id);
        read.ifPresent(decision -> decisions.put(id, decision));
        return read;
    }

    /** All leases of this source. Only those are opened that are not known from a decision of this source. */
    List<FoundLease> leases() {
        List<FoundLease> leases = new ArrayList<>();
        repository.store().list("lease/", object -> {
            String[] parts = object.key().split("/", -1);
            if (parts.length == 3 && (decisions.containsKey(parts[2]) || ofThisSource(object.key(), parts))) {
                leases.add(new FoundLease(object.key(), parts[1], parts[2], object.modified()));
            }
        });
        return leases;
    }

    private boolean ofThisSource(String key, String[] parts) {
        try {
            Lease lease = repository.documents().read(key, ObjectType.LEASE, Lease.class);
            if (!lease.writer().equals(parts[1]) || !lease.backup().equals(parts[2])) {
                throw Damage.of(key, "it is the lease of another backup");
            }
            return lease.source().equals(source);
        } catch (ObjectMissingException gone) {
            return false; // Cleaned up since it was listed.
        }
    }
}
