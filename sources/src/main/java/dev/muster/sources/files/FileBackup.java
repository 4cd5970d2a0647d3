package dev.muster.sources.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.sources.Progress;
import dev.muster.sources.SourceException;
import dev.muster.sources.Workers;
import dev.muster.sources.chunks.Relief;
import dev.muster.sources.filesystem.FileFacts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * A backup of a directory tree: full the first time, then against the newest one, of which unchanged files are neither
 * read nor stored again, and of changed files only the frames that are new are stored. Every backup restores alone.
 */
public final class FileBackup {
    /**
     * @param root of the tree
     * @param writer names this process in the repository, such as the host
     * @param workers threads that read, compress and encrypt, 1 to 64
     * @param level of zstd, 1 to 19
     * @param oneFileSystem leave out what is mounted below the root
     * @param allowUnreadable go on without what cannot be read, and name it
     * @param full read and store everything again
     */
    public record Settings(
            Path root,
            String writer,
            int workers,
            int level,
            FileRules rules,
            boolean oneFileSystem,
            boolean allowUnreadable,
            boolean full) {
        public Settings {
            if (workers < 1 || workers > 64) {
                throw new IllegalArgumentException("A backup has 1 to 64 workers, not " + workers);
            }
        }

        public static Settings defaults(Path root, String writer) {
            return new Settings(
                    root,
                    writer,
                    Math.min(8, Runtime.getRuntime().availableProcessors()),
                    BackupRequest.DEFAULT_LEVEL,
                    FileRules.defaults(),
                    false,
                    false,
                    false);
        }
    }

    private final Repository repository;
    private final String source;
    private final Settings settings;
    private final Clock clock;

    /** @param source name in the repository, such as {@code orders-models} */
    public FileBackup(Repository repository, String source, Settings settings, Clock clock) {
        this.repository = repository;
        this.source = source;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Takes the backup.
     *
     * @throws SourceException SOURCE_NOT_A_DIRECTORY, SOURCE_OF_OTHER_KIND, SOURCE_UNREADABLE, CANCELLED. Nothing of the
     *     backup counts then
     */
    public FileBackupResult run(Progress progress) {
        Path root = root();
        Optional<CommittedBackup> parent = parent();
        Optional<BackupReader> older = parent.map(one -> repository.backup(source, one.id()));
        FileBackupResult result = new FileBackupResult();
        try (Ancestors ancestors = Ancestors.of(older);
                BackupWriter writer = repository.startBackup(request(parent))) {
            copy(root, ancestors.leaving(Relief.of(repository, writer, older)), writer, result, progress);
            if (result.unreadable.count() > 0 && !settings.allowUnreadable()) {
                throw new SourceException(
                        "SOURCE_UNREADABLE",
                        "Of " + root + ", " + result.unreadable.count() + " names cannot be read: "
                                + result.unreadable.some(),
                        "Nothing of this backup counts. Let the user read them, exclude them, or allow a backup"
                                + " without them (--allow-unreadable), which names them.");
            }
            CommittedBackup committed = writer.commit(result.summary(root));
            result.committed(committed.id(), parent.map(CommittedBackup::id), writer.storedBytes());
        }
        return result;
    }

    private void copy(Path root, Ancestors ancestors, BackupWriter writer, FileBackupResult result, Progress progress) {
        LinkGroups links = new LinkGroups(writer);
        try (Workers<FileTask> workers = new Workers<>(
                settings.workers(),
                "files-copy",
                () -> new FileReader(writer, ancestors, links, result, clock, progress))) {
            new TreeWalk(settings, ancestors, writer, links, result, clock, workers, storeFolder()).walk(root);
            workers.finish();
        }
    }

    private Path root() {
        try {
            Path root = settings.root().toRealPath();
            if (FileFacts.of(root).kind() == FileFacts.Kind.DIRECTORY) {
                return root;
            }
            throw notADirectory("it is a file", Optional.empty());
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "it does not exist" : e.toString();
            throw notADirectory(why, Optional.of(e));
        }
    }

    private SourceException notADirectory(String why, Optional<IOException> cause) {
        SourceException refused = new SourceException(
                "SOURCE_NOT_A_DIRECTORY",
                settings.root() + " is no directory that can be backed up: " + why,
                "Is the path right, and may this user enter it?");
        cause.ifPresent(refused::initCause);
        return refused;
    }

    /** A store below the root would be backed up into itself, without end. */
    private Optional<FileFacts> storeFolder() {
        String url = repository.store().url();
        if (!url.startsWith("file:")) {
            return Optional.empty();
        }
        try {
            return Optional.of(FileFacts.of(Path.of(URI.create(url)).toRealPath()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<CommittedBackup> parent() {
        List<CommittedBackup> backups = repository.backups(source);
        if (backups.isEmpty()) {
            return Optional.empty();
        }
        CommittedBackup newest = backups.get(backups.size() - 1);
        String what = newest.summary().path("what").asText();
        if (!what.equals(FileEntries.WHAT)) {
            throw new SourceException(
                    "SOURCE_OF_OTHER_KIND",
                    "The backups of " + source + " are of the kind '" + what + "', not of a directory tree",
                    "Give each thing that is backed up a source name of its own (--source).");
        }
        boolean mayRefer = repository.mayReferToOlder();
        // An archival one is referred to by none.
        return backups.stream()
                .filter(backup -> !settings.full() && backup.kind() != BackupKind.ARCHIVAL)
                .filter(backup -> mayRefer)
                .reduce((earlier, later) -> later);
    }

    private BackupRequest request(Optional<CommittedBackup> parent) {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode().put("what", FileEntries.WHAT);
        BackupRequest request = new BackupRequest(
                        source,
                        parent.isPresent() ? BackupKind.INCREMENTAL : BackupKind.FULL,
                        settings.writer(),
                        attributes)
                .withLevel(settings.level());
        return parent.map(one -> request.withParent(one.id())).orElse(request);
    }
}
