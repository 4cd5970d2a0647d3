package dev.muster.storage.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Makes a directory's entries survive a loss of power: without it a synced file may be there without its name. */
final class DirectorySync {
    private DirectorySync() {}

    /** The directory that holds a path's name; paths inside a store always have one. */
    static Path of(Path path) {
        return Objects.requireNonNull(path.getParent());
    }

    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
