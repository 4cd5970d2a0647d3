package dev.muster.storage.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What writers of a local store left that died before they could remove it. A writer may leave its file unchanged for as
 * long as its backup takes, so only what nothing has changed for 30 days is taken for left.
 */
public final class AbandonedFiles {
    public static final Duration AGE = Duration.ofDays(30);

    private AbandonedFiles() {}

    /**
     * @param folder the store's
     * @param now by the clock of the store's file system, if it is another machine's
     * @throws dev.muster.storage.StoreException STORE_DENIED, STORE_UNREACHABLE
     */
    public static List<Path> find(Path folder, Instant now) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    boolean temporary = file.getFileName().toString().startsWith(LocalObjectWriter.TEMPORARY);
                    if (temporary && attributes.isRegularFile() && isOld(attributes, now)) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // Committed or given up while we look.
                    }
                    throw e;
                }
            });
        } catch (IOException e) {
            throw LocalTrouble.explain(
                    "look for temporary files in",
                    folder.toString(),
                    folder.toUri().toString(),
                    e);
        }
        return List.copyOf(found);
    }

    /**
     * Deletes what {@link #find} finds.
     *
     * @return how many
     */
    public static int delete(Path folder, Instant now) {
        int deleted = 0;
        for (Path file : find(folder, now)) {
            try {
                deleted += Files.deleteIfExists(file) ? 1 : 0;
            } catch (IOException e) {
                throw LocalTrouble.explain(
                        "delete", file.toString(), folder.toUri().toString(), e);
            }
        }
        return deleted;
    }

    private static boolean isOld(BasicFileAttributes attributes, Instant now) {
        return attributes.lastModifiedTime().toInstant().isBefore(now.minus(AGE));
    }
}
