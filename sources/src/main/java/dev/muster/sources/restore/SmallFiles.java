package dev.muster.sources.restore;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.MapRef;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The content of small files that lie side by side in packs, fetched together: one by one each takes a request. */
final class SmallFiles {
    /** Of one file, in bytes. */
    private static final int SMALL = 32 << 10;

    private final Map<EntryPath, byte[]> contents = new HashMap<>();

    private SmallFiles() {}

    static boolean isSmall(Entry entry) {
        return entry.size() > 0 && entry.size() <= SMALL;
    }

    private record Piece(Run run, ByteBuffer content) {}

    /** @param entries small ones; those that cannot be read are left to be read alone, where the error names the file */
    static SmallFiles fetch(BackupReader reader, List<Entry> entries) {
        SmallFiles files = new SmallFiles();
        try {
            List<Piece> pieces = new ArrayList<>();
            for (Entry entry : entries) {
                byte[] content = new byte[(int) entry.size()];
                files.contents.put(entry.path(), content);
                for (MapRef map : entry.maps()) {
                    reader.runs(map).forEach(run -> pieces.add(new Piece(run, ByteBuffer.wrap(content))));
                }
            }
            pieces.sort(Comparator.comparing(SmallFiles::place));
            copy(reader, pieces);
        } catch (RepositoryException | StoreException e) {
            files.contents.clear();
        }
        return files;
    }

    private static String place(Piece piece) {
        return piece.run() instanceof Run.Stored run
                ? run.ref().backup()
                        + String.format(
                                java.util.Locale.ROOT,
                                "%08x%010x",
                                run.ref().pack(),
                                run.ref().frame().offset())
                : "";
    }

    /** The sink is told of runs in the order in which they were asked for. */
    private static void copy(BackupReader reader, List<Piece> pieces) {
        int[] next = {0};
        try {
            reader.copy(pieces.stream().map(Piece::run).toList(), new RunSink() {
                @Override
                public void zeros(long fileOffset, int length) {
                    next[0]++;
                }

                @Override
                public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                    pieces.get(next[0]++).content().put((int) fileOffset, bytes, offset, length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Bytes in memory cannot be written", e);
        }
    }

    Optional<byte[]> content(Entry entry) {
        return Optional.ofNullable(contents.get(entry.path()));
    }
}
