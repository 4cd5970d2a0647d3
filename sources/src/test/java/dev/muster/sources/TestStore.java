package dev.muster.sources;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.sources.files.FileBackup;
import dev.muster.sources.files.FileBackupResult;
import dev.muster.sources.files.FileRules;
import dev.muster.sources.restore.RestoreSettings;
import dev.muster.sources.restore.TreeRestore;
import dev.muster.sources.restore.TreeRestoreResult;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/** A repository below a folder, and a tree beside it. */
public final class TestStore implements AutoCloseable {
    public static final String SOURCE = "orders-models";

    /** Files are old enough for their kernel times to be trusted, without waiting for that. */
    public static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10));

    private final Path folder;
    private final Repository repository;

    private TestStore(Path folder, Repository repository) {
        this.folder = folder;
        this.repository = repository;
    }

    public static TestStore create(Path folder) throws IOException {
        Path store = Files.createDirectories(folder.resolve("store"));
        return create(folder, Stores.open("file://" + store.toRealPath()));
    }

    public static TestStore create(Path folder, ObjectStore store) throws IOException {
        KeyFile key = KeyFile.generate(folder.resolve("key"));
        Files.createDirectories(folder.resolve("tree"));
        return new TestStore(folder, Repository.create(store, key, Clock.systemUTC()));
    }

    public Repository repository() {
        return repository;
    }

    public Path tree() {
        return folder.resolve("tree");
    }

    public Path folder() {
        return folder;
    }

    public FileBackup.Settings settings() {
        FileBackup.Settings all = FileBackup.Settings.defaults(tree(), "test");
        return new FileBackup.Settings(all.root(), all.writer(), 2, 3, all.rules(), false, false, false);
    }

    public FileBackup.Settings settings(FileRules rules) {
        return new FileBackup.Settings(tree(), "test", 2, 3, rules, false, false, false);
    }

    /** Of a backup that is never committed. */
    public BackupWriter writer() {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        return repository.startBackup(new BackupRequest(SOURCE, BackupKind.FULL, "test", attributes));
    }

    public FileBackupResult backup() {
        return backup(settings());
    }

    public FileBackupResult backup(FileBackup.Settings settings) {
        return new FileBackup(repository, SOURCE, settings, LATER).run(Progress.NONE);
    }

    public TreeRestoreResult restore(String backup, Path target) {
        return restore(backup, RestoreSettings.into(target));
    }

    public TreeRestoreResult restore(String backup, RestoreSettings settings) {
        return new TreeRestore(repository, SOURCE, backup, settings).run(Progress.NONE);
    }

    public RestoreSettings overwriting(Path target) {
        return new RestoreSettings(target, 2, true, RestoreSettings.isRoot(), false, List.of());
    }

    public BackupReader reader(String backup) {
        return repository.backup(SOURCE, backup);
    }

    public Map<String, Entry> entries(String backup) {
        Map<String, Entry> entries = new TreeMap<>();
        reader(backup).entries(entry -> entries.put(entry.path().toString(), entry));
        return entries;
    }

    public Entry entry(String backup, String path) {
        return Objects.requireNonNull(entries(backup).get(path), path);
    }

    public Path write(String name, byte[] content) throws IOException {
        Path path = tree().resolve(name);
        Files.createDirectories(path.getParent());
        return Files.write(path, content);
    }

    public Path write(String name, String content) throws IOException {
        return write(name, content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Bytes that do not compress. */
    public static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        repository.close();
    }
}
