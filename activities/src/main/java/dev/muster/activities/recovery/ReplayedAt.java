package dev.muster.activities.recovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * When a copy was found to stand at its target: kept with the copy, for the step that measures the loss. Replay goes on
 * while WAL arrives, so an earlier moment would make the loss look smaller than it is.
 */
final class ReplayedAt {
    private final Path file;

    ReplayedAt(Path folder) {
        this.file = folder.resolve("replayed-at");
    }

    /** The first time counts: a repeated step finds the copy where it stood. */
    void write(Instant at) {
        if (Files.exists(file)) {
            return;
        }
        try {
            Files.writeString(file, at.toString(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    Instant read() {
        try {
            return Instant.parse(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
