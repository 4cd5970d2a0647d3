package dev.muster.postgres.rejoin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A member's own configuration: a restore or a rewind would bring that of the host where the backup was taken, or of the
 * new primary, with its port, addresses and memory.
 */
final class MemberConfiguration {
    private static final List<String> FILES =
            List.of("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf");

    private final Path directory;
    private final Path kept;

    MemberConfiguration(Path directory, Path work) {
        this.directory = directory;
        this.kept = work.resolve("configuration");
    }

    /** Before anything is changed. */
    void keep() {
        copy(directory, kept);
    }

    /** A file that the member had not is left as it came. */
    void putBack() {
        copy(kept, directory);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to);
            for (String name : FILES) {
                if (Files.isRegularFile(from.resolve(name))) {
                    RejoinState.put(to.resolve(name), Files.readAllBytes(from.resolve(name)));
                    Files.setPosixFilePermissions(to.resolve(name), PosixFilePermissions.fromString("rw-------"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy the configuration from " + from + " to " + to, e);
        }
    }
}
