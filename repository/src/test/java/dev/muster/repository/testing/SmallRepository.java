package dev.muster.repository.testing;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.testing.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A repository in memory with a full backup, an increment whose files are mixed of its own frames and the ancestor's, and
 * WAL: a segment, parts of the next one, a history. Every object is small.
 */
public final class SmallRepository implements AutoCloseable {
    public static final String SOURCE = "orders-main";
    public static final int SEGMENT_SIZE = 1 << 20;

    private static final String WAL = "src/" + SOURCE + "/wal/7300000000000000001/";

    public final MemoryStore store;
    public final KeyFile key;
    public final Repository repository;
    private final Map<String, Map<String, byte[]>> contents = new TreeMap<>();
    private final Map<String, byte[]> wal = new TreeMap<>();

    /** @param directory for the key file */
    public SmallRepository(Path directory) {
        store = new MemoryStore("origin");
        key = KeyFile.generate(directory.resolve("muster.key"));
        repository = Repository.create(store, key, Clock.systemUTC());
    }

    /** The full, the increment, and the WAL. */
    public static SmallRepository filled(Path directory) {
        SmallRepository small = new SmallRepository(directory);
        CommittedBackup full = small.full(1);
        small.increment(full, 2);
        small.wal(1);
        return small;
    }

    /** What each backup holds, by id. */
    public Map<String, Map<String, byte[]>> contents() {
        return contents;
    }

    /** What each WAL object holds, by key. */
    public Map<String, byte[]> walContents() {
        return wal;
    }

    public CommittedBackup full(int seed) {
        return full(repository, seed);
    }

    /** @param through the same repository in a store that may die */
    public CommittedBackup full(Repository through, int seed) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("PG_VERSION", random(7, seed));
        files.put("base/unchanged", random(90, seed + 100));
        files.put("base/table", random(120, seed + 200));
        files.put("zeros", new byte[64]);
        try (BackupWriter backup = through.startBackup(request(BackupKind.FULL))) {
            try (PackWriter pack = backup.pack()) {
                files.forEach((name, content) -> {
                    List<Run> runs = new ArrayList<>();
                    for (int at = 0; at < content.length; at += 60) {
                        runs.add(pack.run(at, content, at, Math.min(60, content.length - at)));
                    }
                    backup.fileOfRuns(Entry.file(EntryPath.of(name), 0600, content.length), runs);
                });
            }
            return committed(backup, files);
        }
    }

    public CommittedBackup increment(CommittedBackup ancestor, int seed) {
        return increment(repository, ancestor, seed);
    }

    /** One file is unchanged, one has a changed piece between the ancestor's, one is new. */
    public CommittedBackup increment(Repository through, CommittedBackup ancestor, int seed) {
        Map<String, byte[]> before = Objects.requireNonNull(contents.get(ancestor.id()));
        Map<String, byte[]> files = new TreeMap<>(before);
        byte[] table = Objects.requireNonNull(before.get("base/table")).clone();
        byte[] piece = random(20, seed + 300);
        System.arraycopy(piece, 0, table, 30, 20);
        files.put("base/table", table);
        files.put("PG_VERSION", random(9, seed + 400));
        Map<String, Entry> entries = new HashMap<>();
        BackupReader reader = through.backup(SOURCE, ancestor.id());
        reader.entries(entry -> entries.put(entry.path().toString(), entry));
        BackupRequest request = request(BackupKind.INCREMENTAL).withParent(ancestor.id());
        try (BackupWriter backup = through.startBackup(request)) {
            try (PackWriter pack = backup.pack()) {
                for (String name : List.of("base/unchanged", "zeros")) {
                    Entry entry = Objects.requireNonNull(entries.get(name));
                    backup.unchangedFile(Entry.file(EntryPath.of(name), 0600, entry.size()), entry);
                }
                List<Run> old = reader.runs(Objects.requireNonNull(entries.get("base/table")))
                        .toList();
                backup.fileOfRuns(
                        Entry.file(EntryPath.of("base/table"), 0600, table.length),
                        mixed(old, pack.run(30, piece, 0, 20)));
                byte[] version = Objects.requireNonNull(files.get("PG_VERSION"));
                backup.fileOfRuns(
                        Entry.file(EntryPath.of("PG_VERSION"), 0600, version.length),
                        List.of(pack.run(0, version, 0, version.length)));
            }
            return committed(backup, files);
        }
    }

    /** The runs of old that lie outside of the new one, cut where it begins and ends. */
    private static List<Run> mixed(List<Run> old, Run changed) {
        List<Run> runs = new ArrayList<>();
        for (Run run : old) {
            cut(run, run.offset(), Math.min(run.end(), changed.offset())).ifPresent(runs::add);
            if (run.offset() <= changed.offset() && changed.offset() < run.end()) {
                runs.add(changed);
            }
            cut(run, Math.max(run.offset(), changed.end()), run.end()).ifPresent(runs::add);
        }
        return runs;
    }

    private static Optional<Run> cut(Run run, long from, long to) {
        if (from >= to) {
            return Optional.empty();
        }
        Run.Stored stored = (Run.Stored) run;
        int skip = stored.skip() + (int) (from - run.offset());
        return Optional.of(new Run.Stored(from, (int) (to - from), stored.ref(), skip));
    }

    /** A whole segment, two overlapping parts of the next one, a history. */
    public void wal(int number) {
        byte[] segment = new byte[SEGMENT_SIZE];
        System.arraycopy(random(40, number), 0, segment, 8192, 40);
        segment(number, segment);
        part(number + 1, 0, random(100, number + 1));
        byte[] whole = random(100, number + 1);
        byte[] next = new byte[80];
        System.arraycopy(whole, 60, next, 0, 40);
        part(number + 1, 60, next);
        byte[] history = ("1\t0/" + number + "000000\tno recovery target\n").getBytes(StandardCharsets.US_ASCII);
        write(
                ObjectType.WAL_HISTORY,
                WAL + String.format(Locale.ROOT, "%08X-", number + 1) + repository.nameHash(history) + ".history",
                history);
    }

    /** @return its key */
    public String segment(int number, byte[] content) {
        String name = String.format(Locale.ROOT, "%08X%08X%08X", 1, 0, number);
        String at = WAL + "00000001/00000000/" + name + "-" + repository.nameHash(content) + ".seg";
        return write(ObjectType.WAL_SEGMENT, at, content);
    }

    /** @return its key */
    public String part(int number, int from, byte[] content) {
        String name = String.format(Locale.ROOT, "%08X%08X%08X", 1, 0, number);
        String stretch = String.format(Locale.ROOT, "%08X-%08X", from, from + content.length);
        String at = WAL + "00000001/00000000/" + name + "/" + stretch + "-" + repository.nameHash(content) + ".part";
        return write(ObjectType.WAL_PART, at, content);
    }

    private String write(ObjectType type, String at, byte[] content) {
        repository.writeFramed(type, at, content, 0, content.length);
        wal.put(at, content);
        return at;
    }

    /** What it holds is known before it counts: a process that is killed does not know whether its last write did. */
    private CommittedBackup committed(BackupWriter backup, Map<String, byte[]> files) {
        contents.put(backup.id(), files);
        return backup.commit(JsonNodeFactory.instance.objectNode().put("label", "small"));
    }

    private static BackupRequest request(BackupKind kind) {
        return new BackupRequest(
                SOURCE, kind, "host-1", JsonNodeFactory.instance.objectNode().put("server", "18.6"));
    }

    /** The same repository elsewhere, opened anew with the key. */
    public Repository open(ObjectStore other) {
        return Repository.open(other, key);
    }

    /** All files of a backup with their content. */
    public static Map<String, byte[]> restore(Repository from, String backup) {
        BackupReader reader = from.backup(SOURCE, backup);
        Map<String, byte[]> files = new TreeMap<>();
        reader.entries(entry -> files.put(entry.path().toString(), content(reader, entry)));
        return files;
    }

    private static byte[] content(BackupReader reader, Entry entry) {
        byte[] content = new byte[(int) entry.size()];
        try {
            reader.copy(entry, new RunSink() {
                @Override
                public void zeros(long fileOffset, int length) {
                    Arrays.fill(content, (int) fileOffset, (int) fileOffset + length, (byte) 0);
                }

                @Override
                public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                    System.arraycopy(bytes, offset, content, (int) fileOffset, length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content;
    }

    /** The content of a WAL object. */
    public static byte[] readWal(Repository from, String at) {
        ObjectType type = at.endsWith(".seg")
                ? ObjectType.WAL_SEGMENT
                : at.endsWith(".part") ? ObjectType.WAL_PART : ObjectType.WAL_HISTORY;
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (var stream = from.readFramed(type, at)) {
            stream.transferTo(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content.toByteArray();
    }

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
