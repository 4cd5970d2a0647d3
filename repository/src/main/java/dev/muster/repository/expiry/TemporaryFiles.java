package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.local.AbandonedFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** What killed writers left in a local store; other stores show nothing of it. */
final class TemporaryFiles {
    private TemporaryFiles() {}

    static int count(ObjectStore store, Instant now) {
        return folder(store)
                .map(folder -> AbandonedFiles.find(folder, now).size())
                .orElse(0);
    }

    static int delete(ObjectStore store, Instant now) {
        return folder(store).map(folder -> AbandonedFiles.delete(folder, now)).orElse(0);
    }

    /** By its URL, as a store may be wrapped. */
    private static Optional<Path> folder(ObjectStore store) {
        String url = store.url();
        if (!url.toLowerCase(Locale.ROOT).startsWith("file:")) {
            return Optional.empty();
        }
        int settings = url.indexOf('?');
        return Optional.of(Path.of(URI.create(settings < 0 ? url : url.substring(0, settings))));
    }
}
