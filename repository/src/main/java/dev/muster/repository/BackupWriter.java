package dev.muster.repository;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.frames.FramedStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Writes one backup. Packs are written by any number of threads, each with its own {@link #pack()}; entries may be
 * added from any thread. Nothing of it counts before {@link #commit}; without that it is abandoned, and what it stored
 * is left to expiry.
 */
public final class BackupWriter implements AutoCloseable {
    /** A file with more runs has several maps. */
    public static final int MAX_RUNS_OF_MAP = FileMap.MAX_RUNS;

    private final BackupHeader header;
    private final BackupRequest request;
    private final FramedStore framed;
    private final Decisions decisions;
    private final Clock clock;
    private final ManifestWriter manifest;
    private final MapWriter maps;
    private final LockedReferences references;
    private final AtomicInteger packs = new AtomicInteger();
    private final AtomicInteger openPackWriters = new AtomicInteger();
    private final AtomicLong storedBytes = new AtomicLong();
    private final Object writing = new Object();
    private volatile boolean failed;
    private boolean ended;

    BackupWriter(
            BackupHeader header,
            BackupRequest request,
            EncryptedStore objects,
            FramedStore framed,
            JsonObjects documents,
            Decisions decisions,
            Clock clock) {
        this.header = header;
        this.request = request;
        this.framed = framed;
        this.decisions = decisions;
        this.clock = clock;
        this.manifest = new ManifestWriter(objects, Paths.manifest(header.source(), header.id()), header);
        this.maps = new MapWriter(this);
        this.references = new LockedReferences(objects.store(), framed, documents, header);
    }

    /** A ULID. */
    public String id() {
        return header.id();
    }

    public BackupHeader header() {
        return header;
    }

    /** A new writer of packs for the calling thread. */
    public PackWriter pack() {
        openPackWriters.incrementAndGet();
        return new PackWriter(this);
    }

    /**
     * Adds a file whose content is whole frames one after the other.
     *
     * @throws IllegalArgumentException if the frames do not make up the entry's size
     */
    public void file(Entry entry, List<FrameRef> frames) {
        fileOfRuns(entry, Run.of(frames));
    }

    /**
     * Adds a file.
     *
     * @param runs ordered by offset, without a gap, up to the entry's size; none for an empty file
     * @throws IllegalArgumentException if they are not so
     */
    public void fileOfRuns(Entry entry, List<Run> runs) {
        if (entry.type() != Entry.Type.FILE) {
            throw new IllegalArgumentException("Not a file: " + entry.path());
        }
        long end = 0;
        for (Run run : runs) {
            if (run.offset() != end) {
                throw new IllegalArgumentException("The content of " + entry.path() + " has a gap at byte " + end);
            }
            end = run.end();
        }
        if (end != entry.size()) {
            throw new IllegalArgumentException(
                    "The content of " + entry.path() + " has " + end + " bytes, not " + entry.size());
        }
        references.runs(runs);
        List<byte[]> encoded = new ArrayList<>();
        List<List<Run>> pieces = new ArrayList<>();
        for (int from = 0; from < runs.size(); from += FileMap.MAX_RUNS) {
            List<Run> piece = runs.subList(from, Math.min(runs.size(), from + FileMap.MAX_RUNS));
            pieces.add(piece);
            encoded.add(FileMap.encode(piece));
        }
        writing(() -> {
            List<MapRef> refs = new ArrayList<>();
            for (int i = 0; i < pieces.size(); i++) {
                List<Run> piece = pieces.get(i);
                long from = piece.get(0).offset();
                refs.add(maps.write(
                        encoded.get(i), from, piece.get(piece.size() - 1).end() - from));
            }
            manifest.entry(entry.withMaps(refs));
        });
    }

    /**
     * Adds a file that has not changed since another backup of this source.
     *
     * @param ancestor its entry there, as its reader gave it
     * @throws IllegalArgumentException if the sizes differ, or the ancestor does not say where its bytes are
     */
    public void unchangedFile(Entry entry, Entry ancestor) {
        boolean mapped = ancestor.size() == 0 || !ancestor.maps().isEmpty();
        if (entry.type() != Entry.Type.FILE || entry.size() != ancestor.size() || !mapped) {
            throw new IllegalArgumentException("Not unchanged: " + entry.path());
        }
        references.maps(ancestor.maps());
        writing(() -> manifest.entry(entry.withMaps(ancestor.maps())));
    }

    /**
     * Stores where the bytes of a stretch of a file are, so that nobody must hold the runs of a large file together.
     *
     * @param runs ordered by offset, without a gap, 1 to 65,536 of them
     * @return for {@link #fileOfMaps}
     */
    public MapRef stretch(List<Run> runs) {
        if (runs.isEmpty() || runs.size() > FileMap.MAX_RUNS) {
            throw new IllegalArgumentException("A stretch has 1 to " + FileMap.MAX_RUNS + " runs, not " + runs.size());
        }
        long from = runs.get(0).offset();
        long end = from;
        for (Run run : runs) {
            if (run.offset() != end) {
                throw new IllegalArgumentException("The stretch from byte " + from + " has a gap at byte " + end);
            }
            end = run.end();
        }
        references.runs(runs);
        byte[] encoded = FileMap.encode(runs);
        MapRef[] stored = new MapRef[1];
        long covered = end - from;
        writing(() -> stored[0] = maps.write(encoded, from, covered));
        return stored[0];
    }

    /**
     * Adds a file whose bytes are where maps say: of {@link #stretch}, or of an earlier backup of this source where
     * nothing has changed since. Two names of one file have the same maps.
     *
     * @param stretches in order, without a gap, up to the entry's size
     * @throws IllegalArgumentException if they are not so
     */
    public void fileOfMaps(Entry entry, List<MapRef> stretches) {
        if (entry.type() != Entry.Type.FILE || (entry.size() > 0 && stretches.isEmpty())) {
            throw new IllegalArgumentException("Not a file with its content: " + entry.path());
        }
        references.maps(stretches);
        Entry mapped = entry.withMaps(stretches);
        writing(() -> manifest.entry(mapped));
    }

    /** Adds a directory or a symbolic link. */
    public void add(Entry entry) {
        if (entry.type() == Entry.Type.FILE) {
            throw new IllegalArgumentException("A file is added with its content: " + entry.path());
        }
        writing(() -> manifest.entry(entry));
    }

    /**
     * Names what is no part of the backup, and without which it cannot be restored, such as WAL. Where the store locks, it
     * stays locked as long as the backup.
     *
     * @param keys asked for at once where the store locks, and else not at all
     */
    public void needs(Supplier<List<String>> keys) {
        references.besides(keys);
    }

    /** Bytes in the store until now, without what is still open. */
    public long storedBytes() {
        return storedBytes.get();
    }

    /**
     * Ends the backup: maps, manifest, and COMMIT, which makes it count. If the store fails while COMMIT is created, the
     * outcome is unknown: {@link Repository#backups} tells it when the store is back.
     *
     * @param summary free; with the writer's totals added under {@code totals}
     * @throws RepositoryException BACKUP_INCOMPLETE if a part of it failed or is still being written, BACKUP_ABORTED if
     *     expiry has decided against it meanwhile, LOCK_NOT_EXTENDED in a store with locks
     */
    public CommittedBackup commit(ObjectNode summary) {
        synchronized (writing) {
            if (ended) {
                throw new IllegalStateException("The backup " + id() + " was ended before");
            }
            if (failed || openPackWriters.get() > 0) {
                throw new RepositoryException(
                        "BACKUP_INCOMPLETE",
                        "The backup " + id() + " of " + header.source() + " cannot be committed: "
                                + (failed ? "a part of it failed." : "a writer of packs is still open."),
                        "Nothing of it counts. Read the failure before this one, and make the backup again.");
            }
            ended = true;
            try (maps;
                    manifest) {
                maps.finish();
                ManifestWriter.Stored stored = manifest.commit();
                storedBytes.addAndGet(stored.size());
                references.extend();
                ObjectNode described = summary.deepCopy();
                described.set("totals", totals());
                return decisions.commit(new Commit(
                        Commit.FORMAT,
                        Commit.VERSION,
                        Commit.State.COMMITTED,
                        header.source(),
                        header.id(),
                        clock.instant().toString(),
                        header.kind().label(),
                        header.parent().orElse(null),
                        new Commit.Manifest(stored.hash().toString(), stored.size()),
                        described));
            }
        }
    }

    /** Without a commit before: abandons the backup. */
    @Override
    public void close() {
        synchronized (writing) {
            if (ended) {
                return;
            }
            ended = true;
            try (maps;
                    manifest) {
                failed = true;
            }
        }
    }

    private ObjectNode totals() {
        ManifestTotals totals = manifest.totals();
        return JsonNodeFactory.instance
                .objectNode()
                .put("entries", totals.entries())
                .put("files", totals.files())
                .put("bytes", totals.bytes())
                .put("packs", packs.get())
                .put("stored", storedBytes.get());
    }

    /** A failure in the middle of a line would leave a manifest that nobody can read, so it fails the backup. */
    private void writing(Runnable action) {
        synchronized (writing) {
            if (ended || failed) {
                throw new IllegalStateException("The backup " + id() + " was ended or has failed before");
            }
            boolean complete = false;
            try {
                action.run();
                complete = true;
            } finally {
                failed |= !complete;
            }
        }
    }

    BackupRequest request() {
        return request;
    }

    FramedStore framed() {
        return framed;
    }

    int nextPack() {
        int number = packs.getAndIncrement();
        if (number < 0) {
            throw new IllegalStateException("The backup " + id() + " has no more numbers for packs");
        }
        return number;
    }

    String packKey(int number) {
        return Paths.pack(header.source(), header.id(), number);
    }

    String mapKey(int number) {
        return Paths.map(header.source(), header.id(), number);
    }

    void objectStored(long size) {
        storedBytes.addAndGet(size);
    }

    void packWriterClosed(boolean complete) {
        if (!complete) {
            failed = true;
        }
        openPackWriters.decrementAndGet();
    }
}
