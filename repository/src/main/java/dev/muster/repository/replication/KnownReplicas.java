package dev.muster.repository.replication;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Where an origin has had replicas, as it remembers it by one small object for each store. A store of these that is empty is
 * a disk that is not mounted, or a wrong URL, rather than a new replica: what is written there is hidden when the disk is back.
 */
final class KnownReplicas {
    private static final int NAME = 32;

    /** What a store says that lets nobody write, or is full. */
    private static final Set<String> REFUSALS =
            Set.of("STORE_DENIED", "STORE_READ_ONLY", "STORE_FULL", "OBJECT_LOCKED");

    private final ObjectStore origin;

    KnownReplicas(ObjectStore origin) {
        this.origin = origin;
    }

    /**
     * Before the first object is written into a store without a repository.
     *
     * @throws RepositoryException REPLICA_EMPTY if it had one, or if the origin cannot remember that it has one now
     */
    void begin(ObjectStore replica) {
        requireNew(replica);
        // Only tried: killed in the middle, the next run must find either a replica or nothing that it remembers.
        String probe = "probe/" + UlidCreator.getUlid();
        if (!create(probe)) {
            throw empty(
                    replica,
                    "and " + origin.url() + " takes no note of its replicas, as nothing may be written there",
                    "Is its disk mounted, is the URL right? If it is a new replica, say so (--new).");
        }
        allowed(() -> origin.delete(probe));
    }

    /** @throws RepositoryException REPLICA_EMPTY if a store without a repository had one */
    void requireNew(ObjectStore replica) {
        if (origin.find(key(replica)).isPresent()) {
            throw empty(
                    replica,
                    "and had a replica of " + origin.url() + " before",
                    "Is its disk mounted, is the URL right? Nothing was written. If what it held is lost, or this is another"
                            + " disk in its place, say that it is new (--new).");
        }
    }

    /** @return whether the origin remembers it from now on */
    boolean remember(ObjectStore replica) {
        String key = key(replica);
        return origin.find(key).isPresent() || create(key);
    }

    private boolean create(String key) {
        return allowed(() -> {
            try {
                origin.create(key, new ByteArrayInputStream(new byte[] {'r'}));
            } catch (ObjectExistsException another) {
                return; // Another run was quicker.
            }
        });
    }

    private static boolean allowed(Runnable change) {
        try {
            change.run();
            return true;
        } catch (StoreException e) {
            if (!REFUSALS.contains(e.code())) {
                throw e;
            }
            return false;
        }
    }

    /** Settings in a URL change, and say nothing of the place. */
    private static String key(ObjectStore replica) {
        String url = replica.url();
        int settings = url.indexOf('?');
        String place = (settings < 0 ? url : url.substring(0, settings)).replaceFirst("/+$", "");
        return ObjectName.REPLICAS
                + Sha256.hash(place.getBytes(StandardCharsets.UTF_8)).toString().substring(0, NAME);
    }

    private static RepositoryException empty(ObjectStore replica, String why, String hint) {
        return new RepositoryException("REPLICA_EMPTY", "The store " + replica.url() + " is empty, " + why + ".", hint);
    }
}
