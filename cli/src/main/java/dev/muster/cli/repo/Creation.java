package dev.muster.cli.repo;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Makes a key file and a repository; what {@code repo init} and the older {@code repository create} do. */
public final class Creation {
    /** @param made false if it was there, and the key opens it */
    public record Made(String id, boolean made) {}

    private Creation() {}

    /**
     * @param ifMissing make only what is missing
     * @throws RepositoryException REPOSITORY_EXISTS, KEY_FILE_EXISTS, KEY_FILE_IN_STORE, WRONG_KEY
     */
    public static Made of(String store, Path key, boolean ifMissing) {
        // The store first: no key file for a store that cannot be opened.
        ObjectStore opened = Stores.open(store);
        KeyFile keyFile = ifMissing && Files.exists(key) ? KeyFile.read(key) : KeyFile.generate(key);
        try (Repository made = Repository.create(opened, keyFile, Clock.systemUTC())) {
            return new Made(made.id(), true);
        } catch (RepositoryException e) {
            if (!ifMissing || !e.code().equals("REPOSITORY_EXISTS")) {
                throw e;
            }
        }
        try (Repository there = Repository.open(opened, keyFile)) {
            return new Made(there.id(), false);
        }
    }
}
