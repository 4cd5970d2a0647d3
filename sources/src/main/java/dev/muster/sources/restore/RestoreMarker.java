package dev.muster.sources.restore;

import dev.muster.repository.EntryPath;
import dev.muster.sources.SourceException;
import dev.muster.sources.filesystem.FileFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.Optional;

/** A file in the target that says which backup is being restored there; gone when all of it is there. */
record RestoreMarker(Path root, boolean goingOn) {
    private static final String NAME = ".muster-restoring";

    /** Makes the target, or makes sure that it may be used. */
    static RestoreMarker begin(RestoreSettings settings, String backup) throws IOException {
        Path target = settings.target().toAbsolutePath();
        if (!Files.isDirectory(target)) {
            Files.createDirectories(
                    target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path root = target.toRealPath();
        Path marker = root.resolve(NAME);
        boolean goingOn = content(marker).equals(Optional.of(backup));
        if (!goingOn && !settings.overwrite()) {
            refuseContent(root);
        }
        Files.deleteIfExists(marker);
        Files.writeString(marker, backup + "\n", StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new RestoreMarker(root, goingOn);
    }

    private static Optional<String> content(Path marker) throws IOException {
        Optional<FileFacts> facts = SafeTarget.facts(marker);
        if (facts.isEmpty() || facts.get().kind() != FileFacts.Kind.FILE) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(marker, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(new String(in.readNBytes(64), StandardCharsets.US_ASCII).strip());
        }
    }

    private static void refuseContent(Path root) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(root)) {
            Iterator<Path> any = names.iterator();
            if (any.hasNext()) {
                throw new SourceException(
                        "TARGET_NOT_EMPTY",
                        "The restore's target " + root + " holds " + any.next().getFileName() + "; nothing was changed",
                        "Choose a folder that is empty or does not exist, or replace what differs there"
                                + " (--overwrite).");
            }
        }
    }

    static boolean isMarker(EntryPath path) {
        return path.equals(EntryPath.of(NAME));
    }

    void complete() throws IOException {
        Files.deleteIfExists(root.resolve(NAME));
    }
}
