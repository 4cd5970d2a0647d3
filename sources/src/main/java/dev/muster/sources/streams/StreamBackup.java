package dev.muster.sources.streams;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.Repository;
import dev.muster.sources.Progress;
import dev.muster.sources.SourceException;
import dev.muster.sources.chunks.Content;
import dev.muster.sources.chunks.ContentStore;
import dev.muster.sources.chunks.KnownFrames;
import dev.muster.sources.chunks.Relief;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Backs up what comes out of another program as one file of a name. Frames that the newest backup of the same name has are
 * not stored again, wherever in the stream they stand.
 */
public final class StreamBackup {
    /** Of a backup's header and summary: what kind it is. */
    public static final String WHAT = "stream";

    private static final int FILE_MODE = 0600;

    /**
     * @param name of the one file
     * @param writer names this process in the repository, such as the host
     * @param level of zstd, 1 to 19
     * @param allowEmpty commit a backup of nothing, too: mostly that is a program that failed
     */
    public record Settings(EntryPath name, String writer, int level, boolean allowEmpty) {}

    /**
     * @param bytes that came
     * @param knownBytes of those, in the newest backup already
     * @param storedBytes in the store
     */
    public record Result(String backupId, Optional<String> parent, long bytes, long knownBytes, long storedBytes) {}

    private final Repository repository;
    private final String source;
    private final Settings settings;
    private final Clock clock;

    /** @param source name in the repository, such as {@code orders-dump} */
    public StreamBackup(Repository repository, String source, Settings settings, Clock clock) {
        this.repository = repository;
        this.source = source;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Reads to the end and commits. Whether the program that wrote ended well cannot be seen from here: one that dies ends
     * the stream like one that is done.
     *
     * @throws SourceException STREAM_EMPTY, STREAM_BROKEN, SOURCE_OF_OTHER_KIND. Nothing of the backup counts then
     */
    public Result run(InputStream in, Progress progress) {
        Optional<BackupReader> older = parent().map(one -> repository.backup(source, one.id()));
        Optional<String> parent = older.map(reader -> reader.backup().id());
        try (BackupWriter writer = repository.startBackup(request(parent))) {
            Content content;
            try (ContentStore store = new ContentStore(writer)) {
                content = store.store(
                        (bytes, offset, length) -> {
                            int read = in.read(bytes, offset, length);
                            progress.advanced(0, Math.max(0, read));
                            return read;
                        },
                        known(older, writer));
            } catch (IOException e) {
                throw new SourceException(
                        "STREAM_BROKEN",
                        "The stream " + name() + " cannot be read to its end: " + e.getMessage(),
                        "Nothing of it counts. Look at the program that writes it.",
                        e);
            }
            refuseEmpty(content);
            Entry entry = Entry.file(settings.name(), FILE_MODE, content.size()).withModified(clock.instant());
            writer.fileOfMaps(entry, content.maps());
            CommittedBackup committed = writer.commit(summary(content));
            return new Result(committed.id(), parent, content.size(), content.known(), writer.storedBytes());
        }
    }

    private String name() {
        return settings.name().toString();
    }

    private void refuseEmpty(Content content) {
        if (content.size() == 0 && !settings.allowEmpty()) {
            throw new SourceException(
                    "STREAM_EMPTY",
                    "The stream " + name() + " had not a single byte; nothing was backed up",
                    "Did the program that writes it fail? If nothing is right, say --allow-empty.");
        }
    }

    private KnownFrames known(Optional<BackupReader> older, BackupWriter writer) {
        if (older.isEmpty()) {
            return KnownFrames.none();
        }
        List<Entry> same = new ArrayList<>();
        older.get().entries(entry -> {
            if (entry.type() == Entry.Type.FILE && entry.path().equals(settings.name())) {
                same.add(entry);
            }
        });
        return same.isEmpty()
                ? KnownFrames.none()
                : KnownFrames.of(older.get(), same.get(0), Relief.of(repository, writer, older));
    }

    private Optional<CommittedBackup> parent() {
        List<CommittedBackup> backups = repository.backups(source);
        if (backups.isEmpty()) {
            return Optional.empty();
        }
        CommittedBackup newest = backups.get(backups.size() - 1);
        String what = newest.summary().path("what").asText();
        if (!what.equals(WHAT)) {
            throw new SourceException(
                    "SOURCE_OF_OTHER_KIND",
                    "The backups of " + source + " are of the kind '" + what + "', not of a stream",
                    "Give each thing that is backed up a source name of its own (--source).");
        }
        boolean mayRefer = repository.mayReferToOlder();
        // An archival one is referred to by none.
        return backups.stream()
                .filter(backup -> mayRefer && backup.kind() != BackupKind.ARCHIVAL)
                .reduce((earlier, later) -> later);
    }

    private BackupRequest request(Optional<String> parent) {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode().put("what", WHAT);
        BackupKind kind = parent.isPresent() ? BackupKind.INCREMENTAL : BackupKind.FULL;
        BackupRequest request =
                new BackupRequest(source, kind, settings.writer(), attributes).withLevel(settings.level());
        return parent.map(request::withParent).orElse(request);
    }

    private ObjectNode summary(Content content) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("what", WHAT)
                .put("name", name())
                .put("bytes", content.size())
                .put("knownBytes", content.known());
    }
}
