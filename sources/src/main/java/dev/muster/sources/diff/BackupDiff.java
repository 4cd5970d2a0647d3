package dev.muster.sources.diff;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import dev.muster.sources.entries.EntryIndex;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What differs between two backups. Equal maps are equal content, and so are equal hashes in a row; only where frames were
 * cut otherwise, content is read.
 */
public final class BackupDiff {
    private static final byte[] ZEROS = new byte[64 << 10];

    private final BackupReader first;
    private final BackupReader second;
    private final Consumer<Difference> each;

    public BackupDiff(BackupReader first, BackupReader second, Consumer<Difference> each) {
        this.first = first;
        this.second = second;
        this.each = each;
    }

    /** Compares. */
    public void run() {
        try (EntryIndex index = EntryIndex.of(first)) {
            second.entries(entry -> {
                Optional<Entry> other = index.find(entry.path());
                if (other.isPresent()) {
                    compare(other.get(), entry);
                } else {
                    each.accept(new Difference(NativePath.shown(entry.path()), Difference.Side.SECOND, Set.of()));
                }
            });
            index.unseen(entry ->
                    each.accept(new Difference(NativePath.shown(entry.path()), Difference.Side.FIRST, Set.of())));
        }
    }

    private void compare(Entry one, Entry other) {
        Set<Difference.Aspect> aspects = EnumSet.noneOf(Difference.Aspect.class);
        add(aspects, Difference.Aspect.TYPE, one.type() != other.type());
        add(aspects, Difference.Aspect.TARGET, !one.target().equals(other.target()));
        add(aspects, Difference.Aspect.MODE, one.mode() != other.mode());
        add(aspects, Difference.Aspect.OWNER, !Objects.equals(one.owner(), other.owner()));
        boolean link = one.type() == Entry.Type.SYMLINK;
        add(aspects, Difference.Aspect.MODIFIED, !link && !Objects.equals(one.modified(), other.modified()));
        boolean files = one.type() == Entry.Type.FILE && other.type() == Entry.Type.FILE;
        add(aspects, Difference.Aspect.CONTENT, files && !sameContent(one, other));
        if (!aspects.isEmpty()) {
            each.accept(new Difference(NativePath.shown(other.path()), Difference.Side.BOTH, aspects));
        }
    }

    private static void add(Set<Difference.Aspect> aspects, Difference.Aspect aspect, boolean differs) {
        if (differs) {
            aspects.add(aspect);
        }
    }

    private boolean sameContent(Entry one, Entry other) {
        if (one.size() != other.size()) {
            return false;
        }
        return one.maps().equals(other.maps())
                || sameRuns(one, other)
                || hash(first, one).equals(hash(second, other));
    }

    private boolean sameRuns(Entry one, Entry other) {
        Iterator<Run> left = first.runs(one).iterator();
        Iterator<Run> right = second.runs(other).iterator();
        while (left.hasNext() && right.hasNext()) {
            if (!same(left.next(), right.next())) {
                return false;
            }
        }
        return !left.hasNext() && !right.hasNext();
    }

    private static boolean same(Run one, Run other) {
        if (one.length() != other.length()) {
            return false;
        }
        if (one instanceof Run.Stored left && other instanceof Run.Stored right) {
            return left.skip() == right.skip()
                    && left.ref().frame().hash().equals(right.ref().frame().hash());
        }
        return one instanceof Run.Zeros && other instanceof Run.Zeros;
    }

    private static ContentHash hash(BackupReader reader, Entry entry) {
        MessageDigest digest = Sha256.instance();
        try {
            reader.copy(entry, new RunSink() {
                @Override
                public void zeros(long fileOffset, int length) {
                    for (int left = length; left > 0; left -= ZEROS.length) {
                        digest.update(ZEROS, 0, Math.min(left, ZEROS.length));
                    }
                }

                @Override
                public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                    digest.update(bytes, offset, length);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("A hash in memory cannot be updated", e);
        }
        return ContentHash.of(digest.digest());
    }
}
