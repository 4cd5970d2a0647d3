package dev.muster.activities.place;

import dev.muster.runbooks.SecretReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resolves references to secrets on the worker that uses them, each time, so that a rotated secret is picked up. */
public final class Secrets {
    private static final int LARGEST = 64 * 1024;

    private Secrets() {}

    /** @throws IllegalStateException if there is nothing there; the message names the reference, never a value */
    public static String resolve(SecretReference reference) {
        if (reference.scheme().equals("env")) {
            String value = System.getenv(reference.value());
            if (value == null) {
                throw new IllegalStateException("The environment of this worker has no " + reference);
            }
            return value;
        }
        Path file = file(reference);
        try {
            if (Files.size(file) > LARGEST) {
                throw new IllegalStateException(reference + " is larger than " + LARGEST + " bytes: no secret");
            }
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read " + reference + " on this worker: " + e.getMessage(), e);
        }
    }

    /** @throws IllegalStateException if the reference is not to a file */
    private static Path file(SecretReference reference) {
        if (!reference.scheme().equals("file")) {
            throw new IllegalStateException(reference + " must be a file: reference here");
        }
        return Path.of(reference.value());
    }
}
