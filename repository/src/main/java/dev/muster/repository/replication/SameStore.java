package dev.muster.repository.replication;

import dev.muster.storage.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether two stores are one: a copy beside itself protects from nothing. */
final class SameStore {
    private SameStore() {}

    /** By URL; of folders also by what links lead to. Two addresses of one remote store cannot be told apart. */
    static boolean is(ObjectStore one, ObjectStore other) {
        if (one.url().equals(other.url())) {
            return true;
        }
        if (!one.url().startsWith("file:") || !other.url().startsWith("file:")) {
            return false;
        }
        try {
            return Files.isSameFile(Path.of(URI.create(one.url())), Path.of(URI.create(other.url())));
        } catch (IOException e) {
            return false; // A folder that is away: using it says so.
        }
    }
}
