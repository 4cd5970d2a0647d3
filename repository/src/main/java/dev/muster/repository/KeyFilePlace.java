package dev.muster.repository;

import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Refuses a key that lies with what it locks: who gets the store would have both, and who loses it would lose both. */
final class KeyFilePlace {
    private KeyFilePlace() {}

    /** @throws RepositoryException KEY_FILE_IN_STORE */
    static void refuseInside(ObjectStore store, List<? extends WrappingKey> keys) {
        if (!store.url().toLowerCase(Locale.ROOT).startsWith("file:")) {
            return;
        }
        Path folder = real(Path.of(URI.create(store.url())));
        for (WrappingKey key : keys) {
            for (Path file : key.files()) {
                // The second: a link in the store is followed by whoever copies the store.
                if (real(file).startsWith(folder) || realFolder(file).startsWith(folder)) {
                    throw new RepositoryException(
                            "KEY_FILE_IN_STORE",
                            "The key file " + file + " lies inside of the store " + store.url() + ".",
                            "Move it out, to a place that is kept and backed up apart from the store. If the store was"
                                    + " copied or lost since, make a new repository with a new key.");
                }
            }
        }
    }

    /** A link must not hide where a file lies. */
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return realFolder(path);
        }
    }

    private static Path realFolder(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        Path folder = whole.getParent();
        try {
            return folder == null ? whole : folder.toRealPath().resolve(Objects.requireNonNull(whole.getFileName()));
        } catch (IOException e) {
            return whole;
        }
    }
}
