package dev.muster.repository;

import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;

/** Refuses a key that lies with what it locks: who gets the store would have both, and who loses it would lose both. */
final class KeyFilePlace {
    private KeyFilePlace() {}

    /** @throws RepositoryException KEY_FILE_IN_STORE */
    static void refuseInside(ObjectStore store, KeyFile keyFile) {
        if (!store.url().toLowerCase(Locale.ROOT).startsWith("file:")) {
            return;
        }
        Path folder = real(Path.of(URI.create(store.url())));
        if (real(keyFile.path()).startsWith(folder)) {
            throw new RepositoryException(
                    "KEY_FILE_IN_STORE",
                    "The key file " + keyFile.path() + " lies inside of the store " + store.url() + ".",
                    "Move it out, to a place that is kept and backed up apart from the store. If the store was copied"
                            + " or lost since, make a new repository with a new key.");
        }
    }

    /** A link must not hide where a file lies. */
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}
