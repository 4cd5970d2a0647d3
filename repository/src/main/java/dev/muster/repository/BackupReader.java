package dev.muster.repository;

import dev.muster.repository.encryption.EncryptedObject;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.WarmUp;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FramedStore;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Reads one committed backup: its entries in order, the content of files in any order from any number of threads. */
public final class BackupReader {
    /** Neighbouring frames of a pack are fetched together, up to so many stored bytes. */
    private static final int FETCH = 4 << 20;

    private static final int RECENT_PACKS = 1_024;

    /** Small packs are held whole: the more of them, the fewer requests, but most of the heap is for others. */
    private static final long RECENT_PACK_BYTES =
            Math.min(128 << 20, Runtime.getRuntime().maxMemory() / 8);

    private final CommittedBackup backup;
    private final ManifestReader manifest;
    private final BackupHeader header;
    private final FramedStore framed;
    private final RecentObjects<EncryptedObject> packs;
    private final FileMapReader maps;

    BackupReader(CommittedBackup backup, EncryptedStore objects, FramedStore framed) {
        this.backup = backup;
        this.manifest =
                new ManifestReader(objects.open(Paths.manifest(backup.source(), backup.id()), ObjectType.MANIFEST));
        this.header = manifest.header();
        this.framed = framed;
        this.packs = new RecentObjects<>(
                RECENT_PACKS, RECENT_PACK_BYTES, EncryptedObject::heldBytes, key -> objects.open(key, ObjectType.PACK));
        this.maps = new FileMapReader(backup.source(), framed);
    }

    public CommittedBackup backup() {
        return backup;
    }

    public BackupHeader header() {
        return header;
    }

    /**
     * Tells of every entry, in no promised order; returns normally only if none was left out.
     *
     * @throws RepositoryException OBJECT_DAMAGED
     */
    public void entries(Consumer<Entry> each) {
        manifest.entries(each);
    }

    /** The runs of a file in order; a large file's are read in stretches as the stream goes. */
    public Stream<Run> runs(Entry entry) {
        return entry.maps().stream().flatMap(map -> runs(map).stream());
    }

    /** What of a file's runs lies in a stretch of it, in order; only the maps of that stretch are read. */
    public List<Run> runs(Entry entry, long from, long to) {
        List<Run> within = new ArrayList<>();
        for (MapRef map : entry.maps()) {
            if (map.from() < to && map.from() + map.covered() > from) {
                for (Run run : runs(map)) {
                    if (run.offset() < to && run.end() > from) {
                        within.add(run.within(from, to));
                    }
                }
            }
        }
        return within;
    }

    /**
     * The runs of one stretch of a file.
     *
     * @throws RepositoryException OBJECT_DAMAGED
     */
    public List<Run> runs(MapRef map) {
        return maps.runs(map);
    }

    /**
     * Reads and checks the bytes of one run.
     *
     * @param out takes {@link Run#length()} bytes from {@code offset} on
     * @throws RepositoryException OBJECT_DAMAGED
     */
    public void read(Run run, byte[] out, int offset) {
        if (run instanceof Run.Stored stored) {
            Frame frame = stored.ref().frame();
            EncryptedObject pack = pack(stored);
            framed.decoding(decoder -> {
                if (run.length() == frame.rawLength()) {
                    decoder.decode(pack, frame, out, offset);
                } else {
                    byte[] raw = new byte[frame.rawLength()];
                    decoder.decode(pack, frame, raw, 0);
                    System.arraycopy(raw, stored.skip(), out, offset, run.length());
                }
                return frame;
            });
        } else {
            Arrays.fill(out, offset, offset + run.length(), (byte) 0);
        }
    }

    /**
     * Reads a whole file, neighbouring frames together.
     *
     * @throws RepositoryException OBJECT_DAMAGED or FILE_UNREADABLE; the message names the file and the object
     * @throws IOException what the sink throws
     */
    public void copy(Entry entry, RunSink sink) throws IOException {
        try {
            for (MapRef map : entry.maps()) {
                copy(runs(map), sink);
            }
        } catch (RepositoryException e) {
            throw new RepositoryException(e.code(), onFile(entry, e), e.hint(), e);
        } catch (StoreException e) {
            throw new RepositoryException("FILE_UNREADABLE", onFile(entry, e) + " [" + e.code() + "]", e.hint(), e);
        }
    }

    /** Reads runs in order, neighbouring frames of a pack together. */
    public void copy(List<Run> runs, RunSink sink) throws IOException {
        WarmUp.decryption();
        byte[] raw = new byte[Frame.MAX_RAW];
        byte[] fetched = new byte[0];
        for (int i = 0; i < runs.size(); ) {
            if (runs.get(i) instanceof Run.Stored first) {
                List<Run.Stored> together = together(runs, i, first);
                i += together.size();
                long start = first.ref().frame().offset();
                int length =
                        (int) (together.get(together.size() - 1).ref().frame().end() - start);
                fetched = fetched.length < length ? new byte[length] : fetched;
                EncryptedObject pack = pack(first);
                pack.read(start, fetched, 0, length);
                for (Run.Stored run : together) {
                    decode(pack, run.ref().frame(), fetched, start, raw);
                    sink.bytes(run.offset(), raw, run.skip(), run.length());
                }
            } else {
                sink.zeros(runs.get(i).offset(), runs.get(i).length());
                i++;
            }
        }
    }

    private void decode(EncryptedObject pack, Frame frame, byte[] fetched, long start, byte[] raw) {
        framed.decoding(decoder -> {
            decoder.decode(pack.key(), frame, fetched, (int) (frame.offset() - start), raw, 0);
            return frame;
        });
    }

    private static List<Run.Stored> together(List<Run> runs, int from, Run.Stored first) {
        List<Run.Stored> together = new ArrayList<>();
        together.add(first);
        Run.Stored previous = first;
        for (int i = from + 1; i < runs.size() && runs.get(i) instanceof Run.Stored next; i++) {
            boolean samePack = next.ref().pack() == first.ref().pack()
                    && next.ref().backup().equals(first.ref().backup());
            boolean adjacent =
                    next.ref().frame().offset() == previous.ref().frame().end();
            boolean bounded = next.ref().frame().end() - first.ref().frame().offset() <= FETCH;
            if (!samePack || !adjacent || !bounded) {
                break;
            }
            together.add(next);
            previous = next;
        }
        return together;
    }

    private EncryptedObject pack(Run.Stored run) {
        return packs.get(
                Paths.pack(backup.source(), run.ref().backup(), run.ref().pack()));
    }

    private String onFile(Entry entry, RuntimeException e) {
        return "The file " + entry.path() + " of the backup " + backup.id() + " of " + backup.source()
                + " cannot be read: " + e.getMessage();
    }
}
