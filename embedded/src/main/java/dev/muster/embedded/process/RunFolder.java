package dev.muster.embedded.process;

import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.instance.Installation;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The folder of one run: its own, for its user only, removed at the end unless it shall be kept. */
public final class RunFolder implements AutoCloseable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss'-'").withZone(ZoneOffset.UTC);

    private final Path path;
    private final boolean keep;

    private RunFolder(Path path, boolean keep) {
        this.path = path;
        this.keep = keep;
    }

    /** As {@link #create(String, Path, boolean, Installation, Clock)}, for a demo. */
    public static RunFolder create(@Nullable Path parent, boolean keep, Installation installation, Clock clock) {
        return create("demo", parent, keep, installation, clock);
    }

    /**
     * Creates {@code muster-<purpose>-<time>-<random>}.
     *
     * @param parent where; null for the temporary folder
     * @param keep whether {@link #close} leaves it
     * @throws EmbeddedException RUN_FOLDER_FAILED if it cannot be created
     */
    public static RunFolder create(
            String purpose, @Nullable Path parent, boolean keep, Installation installation, Clock clock) {
        Path below = parent == null ? Path.of(System.getProperty("java.io.tmpdir")) : parent;
        try {
            Files.createDirectories(below);
            Path path = Files.createTempDirectory(
                    below.toRealPath(), "muster-" + purpose + "-" + TIME.format(clock.instant()));
            // When PostgreSQL has to run as another user it must be able to pass through, and no more than that.
            boolean anotherUser = installation.command("postgres").get(0).equals("setpriv");
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(anotherUser ? "rwx--x--x" : "rwx------"));
            return new RunFolder(path, keep);
        } catch (IOException e) {
            throw new EmbeddedException(
                    "RUN_FOLDER_FAILED",
                    "Cannot create a folder for this run below " + below,
                    "Is it writable, and is there space? --directory names another place.",
                    e);
        }
    }

    public Path path() {
        return path;
    }

    public boolean kept() {
        return keep;
    }

    /** A folder below this one, created when it is not there. */
    public Path folder(String name) {
        try {
            return Files.createDirectories(path.resolve(name));
        } catch (IOException e) {
            throw new EmbeddedException(
                    "RUN_FOLDER_FAILED",
                    "Cannot create " + path.resolve(name),
                    "Is there space? Was the folder removed while the run went on?",
                    e);
        }
    }

    /** Removes the folder and all below it, without following links out of it; or leaves it when it shall be kept. */
    @Override
    public void close() throws IOException {
        if (!keep) {
            delete(path);
        }
    }

    private static void delete(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                // A server that is just ending removes files of its own.
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
