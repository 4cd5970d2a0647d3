package dev.muster.embedded.dev;

import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Somebody who uses the API, and where the token lies: by itself, and as the header line that {@code curl -H @FILE} reads,
 * so that it stands on no command line.
 *
 * @param token a file that only its owner reads
 * @param header likewise
 */
record Person(String name, Role role, Path token, Path header) {
    /** Makes a new token for a person. The folder gets both files. */
    static Person create(Catalog catalog, Path folder, String name, Role role) {
        String bearer = catalog.tokens().create(name, Set.of(role), null).bearer();
        Person person = new Person(name, role, folder.resolve(name + ".token"), folder.resolve(name + ".header"));
        write(person.token, bearer);
        write(person.header, "Authorization: Bearer " + bearer);
        return person;
    }

    /** What requests carry as Authorization. */
    String authorization() {
        try {
            return "Bearer "
                    + Files.readString(token, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + token, e);
        }
    }

    private static void write(Path file, String line) {
        try {
            // The permissions come with the creation: there is no moment in which others could read it.
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, line + "\n", StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
