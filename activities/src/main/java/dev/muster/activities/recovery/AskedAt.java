package dev.muster.activities.recovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** When a copy's recovery asked for WAL: kept with the copy, for the step that measures the loss later. */
final class AskedAt {
    private final Path file;

    AskedAt(Path folder) {
        this.file = folder.resolve("asked-at");
    }

    void write(Instant at) {
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
