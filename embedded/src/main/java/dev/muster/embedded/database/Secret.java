package dev.muster.embedded.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** A random password in a file that only its owner reads. Others are told where it is, never what it is. */
public record Secret(Path file) {
    private static final int BYTES = 24;

    /** Makes a new password. The file must not exist. */
    static Secret create(Path file) {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        try {
            // The permissions come with the creation: there is no moment in which others could read it.
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(
                    file, Set.of(HexFormat.of().formatHex(random)), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            return new Secret(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    /** The form in which configuration refers to it: {@code file:/folder/name}. */
    public String reference() {
        return "file:" + file;
    }

    /** The password itself, read anew at each call. */
    public String read() {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the password in " + file, e);
        }
    }
}
