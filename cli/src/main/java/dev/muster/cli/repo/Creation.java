package dev.muster.cli.repo;

import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a key file and a repository; what {@code repo init} and the older {@code repository create} do. */
public final class Creation {
    /** @param made false if it was there, and the key opens it */
    public record Made(String id, boolean made) {}

    private Creation() {}

    /**
     * @param ifMissing make only what is missing
     * @throws RepositoryException REPOSITORY_EXISTS, KEY_FILE_EXISTS, KEY_FILE_IN_STORE, WRONG_KEY
     * @throws CliException REPOSITORY_GONE
     */
    public static Made of(String store, Path key, boolean ifMissing) {
        return of(store, Optional.of(key), List.of(), ifMissing);
    }

    /**
     * The same with keys that are there already; each of all opens it.
     *
     * @param file is made; empty if the others are enough
     * @param others one or more if there is no file
     */
    static Made of(String store, Optional<Path> file, List<WrappingKey> others, boolean ifMissing) {
        // The store first: no key file for a store that cannot be opened.
        ObjectStore opened = Stores.open(store);
        List<WrappingKey> keys = new ArrayList<>(others);
        file.filter(key -> ifMissing && Files.exists(key)).ifPresent(key -> requireMounted(opened, key));
        file.ifPresent(key -> keys.add(0, ifMissing && Files.exists(key) ? KeyFile.read(key) : KeyFile.generate(key)));
        try (Repository made = Repository.create(opened, keys, Clock.systemUTC())) {
            return new Made(made.id(), true);
        } catch (RepositoryException e) {
            if (!ifMissing || !e.code().equals("REPOSITORY_EXISTS")) {
                throw e;
            }
        }
        try (Repository there = Repository.open(opened, keys, Clock.systemUTC())) {
            return new Made(there.id(), false);
        }
    }

    /** A script that makes what is missing at each start must not make a second repository below a mount point. */
    private static void requireMounted(ObjectStore store, Path key) {
        List<String> found = new ArrayList<>();
        store.list("", object -> {
            if (found.isEmpty()) {
                found.add(object.key());
            }
        });
        if (found.isEmpty()) {
            throw new CliException(
                    "REPOSITORY_GONE",
                    "The key file " + key + " was made before, and the store " + store.url() + " is empty.",
                    "Is its disk mounted, is the URL right? Nothing was written. If a new repository is meant, make it by"
                            + " hand: muster repo init --store " + store.url() + " --key file:" + key,
                    ExitCode.BAD_INPUT);
        }
    }
}
