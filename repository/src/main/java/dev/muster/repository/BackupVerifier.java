package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FrameDecoder;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.FramedStore;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks a backup in two passes: each of its packs alone, by its own index; then each file's runs against the indexes of
 * the packs, reading frames only where they are in packs of other backups.
 */
final class BackupVerifier {
    private static final int MAX_PROBLEMS = 1_000;
    private static final int RECENT_PACKS = 64;

    private final ObjectStore store;
    private final FramedStore framed;
    private final BackupReader reader;
    private final CommittedBackup backup;
    private final RecentObjects<FramedObject> packs;
    private final List<RepositoryException> problems = new ArrayList<>();
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private long files;

    BackupVerifier(ObjectStore store, FramedStore framed, BackupReader reader) {
        this.store = store;
        this.framed = framed;
        this.reader = reader;
        this.backup = reader.backup();
        this.packs = new RecentObjects<>(RECENT_PACKS, key -> framed.open(ObjectType.PACK, key));
    }

    Verification verify(int threads) {
        List<String> own = new ArrayList<>();
        List<String> ownMaps = new ArrayList<>();
        String prefix = Paths.backup(backup.source(), backup.id());
        store.list(prefix, object -> {
            if (object.key().endsWith(".pack")) {
                own.add(object.key());
            } else if (object.key().startsWith(prefix + "map-")) {
                ownMaps.add(object.key());
            }
        });
        List<Runnable> checks = new ArrayList<>();
        own.forEach(key -> checks.add(() -> check(() -> wholeObject(ObjectType.PACK, key))));
        ownMaps.forEach(key -> checks.add(() -> check(() -> wholeObject(ObjectType.MAP, key))));
        runAll(checks, threads);
        check(() -> reader.entries(entry -> {
            if (entry.type() == Entry.Type.FILE) {
                files++;
                checkFile(entry);
            }
        }));
        synchronized (problems) {
            return new Verification(files, own.size(), frames.get(), bytes.get(), problems);
        }
    }

    private void wholeObject(ObjectType type, String key) {
        FramedObject object = framed.open(type, key);
        try (FrameDecoder decoder = new FrameDecoder()) {
            byte[] raw = new byte[Frame.MAX_RAW];
            object.readAll(decoder, raw, frame -> {
                if (type == ObjectType.PACK) {
                    frames.incrementAndGet();
                    bytes.addAndGet(frame.rawLength());
                }
            });
        }
    }

    private void checkFile(Entry entry) {
        try {
            for (MapRef map : entry.maps()) {
                for (Run run : reader.runs(map)) {
                    if (run instanceof Run.Stored stored) {
                        checkRun(stored);
                    }
                }
            }
        } catch (RepositoryException e) {
            problem(new RepositoryException(
                    e.code(), "The file " + entry.path() + " cannot be restored: " + e.getMessage(), e.hint(), e));
        } catch (StoreException e) {
            problem(new RepositoryException(
                    "FILE_UNREADABLE",
                    "The file " + entry.path() + " cannot be restored: " + e.getMessage() + " [" + e.code() + "]",
                    e.hint(),
                    e));
        }
    }

    private void checkRun(Run.Stored run) {
        FrameRef ref = run.ref();
        String key = Paths.pack(backup.source(), ref.backup(), ref.pack());
        Optional<Frame> indexed = packs.get(key).frameAt(ref.frame().offset());
        if (indexed.isEmpty() || !indexed.get().equals(ref.frame())) {
            throw Damage.of(key, "it has no such frame at " + ref.frame().offset() + " as the file's map says");
        }
        if (!ref.backup().equals(backup.id())) {
            byte[] raw = new byte[run.length()];
            reader.read(run, raw, 0);
            frames.incrementAndGet();
            bytes.addAndGet(ref.frame().rawLength());
        }
    }

    private void check(Runnable check) {
        try {
            check.run();
        } catch (RepositoryException e) {
            problem(e);
        } catch (StoreException e) {
            problem(new RepositoryException(e.code(), String.valueOf(e.getMessage()), e.hint(), e));
        }
    }

    private void problem(RepositoryException e) {
        synchronized (problems) {
            if (problems.size() < MAX_PROBLEMS) {
                problems.add(e);
            }
        }
    }

    private static void runAll(List<Runnable> checks, int threads) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            checks.forEach(check -> running.add(executor.submit(check)));
            for (Future<?> done : running) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Verification was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Verification failed for a reason of its own", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }
}
