package dev.muster.repository.reading;

import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The restores of one source that are announced in a store. */
public final class Readers {
    private Readers() {}

    /**
     * One lease.
     *
     * @param modified by the store's clock
     */
    public record Found(String key, String backup, Instant modified) {
        /** Whether its restore may go on still. */
        public boolean isLive(Instant storeNow) {
            return modified.plus(Reading.LIVE).isAfter(storeNow);
        }

        /** Who restores, for people. */
        public String by(Repository repository) {
            try {
                return "restore "
                        + repository
                                .documents()
                                .read(key, ObjectType.READ, ReadLease.class)
                                .by();
            } catch (RepositoryException | StoreException unreadable) {
                return "restore";
            }
        }
    }

    static String prefix(String source) {
        return "read/" + Paths.source(source) + "/";
    }

    /** Also dead ones, and what only looks like a lease: it holds nothing up for long. */
    public static List<Found> of(Repository repository, String source) {
        String prefix = prefix(source);
        List<Found> found = new ArrayList<>();
        repository.store().list(prefix, object -> add(prefix, object, found));
        return List.copyOf(found);
    }

    private static void add(String prefix, ObjectInfo object, List<Found> found) {
        String[] parts = object.key().substring(prefix.length()).split("/", -1);
        if (parts.length == 2) {
            found.add(new Found(object.key(), parts[0], object.modified()));
        }
    }
}
