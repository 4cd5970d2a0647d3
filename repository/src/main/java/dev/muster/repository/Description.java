package dev.muster.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.keys.RepositoryIdentity;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/** {@code repo.json}: what makes a store a repository. Its exact bytes are bound into every key slot. */
final class Description {
    private static final String FORMAT = "muster-repository";
    private static final int VERSION = 1;
    private static final int MAX_SIZE = 64 << 10;

    private final byte[] bytes;

    private Description(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Of a new repository; not stored yet. */
    static Description fresh(Clock clock) {
        String json = JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("version", VERSION)
                .put("id", UUID.randomUUID().toString())
                .put("created", clock.instant().toString())
                .put("hash", "sha-256")
                .toString();
        return new Description((json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** @throws RepositoryException NOT_A_REPOSITORY, OBJECT_UNREADABLE */
    static Description of(ObjectStore store) {
        try (InputStream stream = store.open(Paths.REPOSITORY)) {
            return new Description(stream.readNBytes(MAX_SIZE));
        } catch (ObjectMissingException e) {
            throw new RepositoryException(
                    "NOT_A_REPOSITORY",
                    "There is no repository in " + store.url() + ": it has no " + Paths.REPOSITORY + ".",
                    "Is its disk mounted, is the URL right? A new repository is created once, by hand: nothing else makes one.",
                    e);
        } catch (IOException e) {
            throw unreadable(Paths.REPOSITORY, store, e);
        }
    }

    /**
     * Refuses a store with a repository's objects and no repo.json: they could be read with the one that is lost only, and
     * would never be again once another one has taken its place.
     *
     * @throws RepositoryException STORE_NOT_EMPTY
     */
    static void requireNoRemains(ObjectStore store) {
        for (String prefix : List.of("keys/", "src/", "lease/")) {
            try {
                store.list(prefix, object -> {
                    throw new Found(object.key());
                });
            } catch (Found found) {
                if (store.find(Paths.REPOSITORY).isEmpty()) {
                    throw new RepositoryException(
                            "STORE_NOT_EMPTY",
                            "The store " + store.url() + " has no " + Paths.REPOSITORY + ", but objects such as "
                                    + found.key + ".",
                            "Nothing was written. If a repository was here, put its " + Paths.REPOSITORY
                                    + " back from a copy: no other one opens its backups. Else name an empty store.");
                }
            }
        }
    }

    /** Ends a listing at its first object. */
    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String key;

        Found(String key) {
            super(key, null, false, false);
            this.key = key;
        }
    }

    /** @throws RepositoryException REPOSITORY_EXISTS */
    void store(ObjectStore store) {
        try {
            store.create(Paths.REPOSITORY, new ByteArrayInputStream(bytes));
        } catch (ObjectExistsException e) {
            throw new RepositoryException(
                    "REPOSITORY_EXISTS",
                    "There is a repository in " + store.url() + " already.",
                    "Open it with its key, or choose an empty store.",
                    e);
        }
    }

    /** @throws RepositoryException OBJECT_DAMAGED, FORMAT_UNKNOWN */
    RepositoryIdentity identity() {
        try {
            JsonNode description = JsonObjects.JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
            if (!description.path("format").asText().equals(FORMAT)
                    || !description.path("id").isTextual()) {
                throw Damage.of(Paths.REPOSITORY, "it does not describe a repository");
            }
            int version = description.path("version").asInt();
            String hash = description.path("hash").asText();
            if (version != VERSION || !hash.equals("sha-256")) {
                throw new RepositoryException(
                        "FORMAT_UNKNOWN",
                        "The repository has version " + version + " with hash " + hash + "; this program reads "
                                + VERSION + " with sha-256.",
                        "Use a newer Muster, or, if none wrote here, take " + Paths.REPOSITORY + " from a copy.");
            }
            return new RepositoryIdentity(description.path("id").asText(), Sha256.hash(bytes));
        } catch (JsonProcessingException e) {
            throw Damage.of(Paths.REPOSITORY, "it is not JSON", e);
        }
    }

    static RepositoryException unreadable(String key, ObjectStore store, IOException e) {
        return new RepositoryException(
                "OBJECT_UNREADABLE",
                "The object " + key + " cannot be read from " + store.url() + ": " + e.getMessage(),
                "Check the store and the way to it; the read may be tried again.",
                e);
    }
}
