package dev.muster.repository.verification;

import dev.muster.repository.Repository;
import dev.muster.repository.StoredObjects;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectInfo;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at the WAL of one source: names that contradict each other, and, at {@link Level#INDEXES}, sizes that are not
 * what names say, and parts that overlap and differ. Holds one segment's names at a time.
 */
final class WalLook {
    private static final int SMALLEST_SEGMENT = 1 << 20;
    private static final int LARGEST_SEGMENT = 1 << 30;

    private final Repository repository;
    private final StoredObjects objects;
    private final boolean indexes;
    private final Tally tally;
    private final Crew crew;
    private final Map<String, Long> segmentSizes = new ConcurrentHashMap<>();
    private final List<ObjectName.Wal> group = new ArrayList<>();

    WalLook(Repository repository, Level level, Tally tally, Crew crew) {
        this.repository = repository;
        this.objects = repository.stored();
        this.indexes = level == Level.INDEXES;
        this.tally = tally;
        this.crew = crew;
    }

    void look(String source) {
        // A segment and its parts follow each other in a listing, and so do the histories of one timeline.
        repository.store().list(ObjectName.wal(source), object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.Wal wal) {
                tally.object(object.size());
                if (!group.isEmpty() && !group.get(0).placeOf().equals(wal.placeOf())) {
                    endGroup();
                }
                group.add(wal);
                if (indexes) {
                    crew.submit(() -> tally.check(wal.key(), () -> size(wal)));
                }
            } else {
                unknown(object);
            }
        });
        endGroup();
    }

    private void unknown(ObjectInfo object) {
        if (object.key().matches(".*\\.(seg|part|history)")) {
            tally.problem(new Problem(
                    "WAL_NAME_WRONG",
                    object.key(),
                    Optional.empty(),
                    "The object " + object.key()
                            + " is named like WAL, but not as WAL of that place is: no reader finds" + " it.",
                    "Was it moved or renamed? Put it back under its own name; nothing else can be read from it."));
        }
    }

    private void endGroup() {
        List<ObjectName.Wal> names = List.copyOf(group);
        group.clear();
        boolean whole = false;
        for (int i = 0; i < names.size(); i++) {
            ObjectName.Wal one = names.get(i);
            whole |= one.kind() == ObjectType.WAL_SEGMENT;
            for (int j = i + 1; j < names.size(); j++) {
                ObjectName.Wal other = names.get(j);
                if (one.stretch().equals(other.stretch())) {
                    tally.problem(conflict(one.key(), other.key(), "have one name but for the hash of their content"));
                }
            }
        }
        if (indexes && !whole && names.size() > 1) {
            crew.submit(() -> overlaps(names));
        }
    }

    private void size(ObjectName.Wal wal) {
        long size = objects.framed(wal.kind(), wal.key()).rawSize();
        boolean fits = true;
        if (wal.kind() == ObjectType.WAL_PART) {
            fits = size == wal.to() - wal.from();
        } else if (wal.kind() == ObjectType.WAL_SEGMENT) {
            Long known = segmentSizes.putIfAbsent(wal.system(), size);
            fits = size >= SMALLEST_SEGMENT && size <= LARGEST_SEGMENT && Long.bitCount(size) == 1;
            fits &= known == null || known == size;
        }
        if (!fits) {
            tally.problem(new Problem(
                    "WAL_SIZES_DIFFER",
                    wal.key(),
                    Optional.empty(),
                    "The object " + wal.key() + " holds " + size + " bytes of WAL, which does not fit its name or the"
                            + " cluster's other segments.",
                    "Do two clusters write to one source? Compare it with the server's segment, or another copy's."));
        }
    }

    private void overlaps(List<ObjectName.Wal> names) {
        List<ObjectName.Wal> parts = new ArrayList<>(names);
        parts.removeIf(name -> name.kind() != ObjectType.WAL_PART);
        parts.sort(Comparator.comparingLong(ObjectName.Wal::from));
        for (int i = 0; i < parts.size(); i++) {
            ObjectName.Wal one = parts.get(i);
            for (int j = i + 1; j < parts.size() && parts.get(j).from() < one.to(); j++) {
                ObjectName.Wal other = parts.get(j);
                tally.check(other.key(), () -> {
                    if (!agree(one, other)) {
                        tally.problem(conflict(one.key(), other.key(), "overlap and differ"));
                    }
                });
            }
        }
    }

    private boolean agree(ObjectName.Wal one, ObjectName.Wal other) {
        long length = Math.min(one.to(), other.to()) - other.from();
        try (InputStream first = repository.readFramed(one.kind(), one.key());
                InputStream second = repository.readFramed(other.kind(), other.key())) {
            first.skipNBytes(other.from() - one.from());
            byte[] left = new byte[64 << 10];
            byte[] right = new byte[64 << 10];
            for (long at = 0; at < length; ) {
                int wanted = (int) Math.min(left.length, length - at);
                int read = first.readNBytes(left, 0, wanted);
                int others = second.readNBytes(right, 0, wanted);
                if (read != others || !Arrays.equals(left, 0, read, right, 0, read)) {
                    return false;
                }
                if (read < wanted) {
                    return true; // Shorter than its name says, which its size has told already.
                }
                at += read;
            }
            return true;
        } catch (EOFException e) {
            return true; // It ended before the overlap: its size has told already.
        } catch (IOException e) {
            throw new UncheckedIOException("Checked content is given out from memory", e);
        }
    }

    private static Problem conflict(String one, String other, String how) {
        return new Problem(
                "WAL_CONFLICT",
                one,
                Optional.empty(),
                "The objects " + one + " and " + other + " " + how + ".",
                "Do two clusters write to one source? Find out which is right, and move the other one away.");
    }
}
