package dev.muster.repository.verification;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import java.util.Arrays;
import java.util.OptionalLong;

/** The packs and map objects that a store has of one backup, and their sizes, in 12 bytes each. */
final class BackupObjects {
    private final Sizes packs = new Sizes();
    private final Sizes maps = new Sizes();

    /** By number, ascending, as a listing gives them; numbers may be missing. */
    private static final class Sizes {
        private int[] numbers = new int[8];
        private long[] sizes = new long[8];
        private int count;

        void add(int number, long size) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
                sizes = Arrays.copyOf(sizes, 2 * count);
            }
            numbers[count] = number;
            sizes[count++] = size;
        }

        OptionalLong of(int number) {
            int found = Arrays.binarySearch(numbers, 0, count, number);
            return found < 0 ? OptionalLong.empty() : OptionalLong.of(sizes[found]);
        }
    }

    static BackupObjects list(ObjectStore store, String source, String backup) {
        BackupObjects objects = new BackupObjects();
        store.list(ObjectName.backup(source, backup), objects::add);
        return objects;
    }

    private void add(ObjectInfo object) {
        if (ObjectName.of(object.key()) instanceof ObjectName.OfBackup name && name.shared()) {
            String file = object.key().substring(object.key().lastIndexOf('/') + 1);
            if (name.kind() == ObjectType.PACK) {
                int number = Integer.parseUnsignedInt(file.substring(2, 10), 16);
                if (number >= 0) { // No writer of ours numbers higher, and no map could say so.
                    packs.add(number, object.size());
                }
            } else {
                maps.add(Integer.parseInt(file.substring(4), 16), object.size());
            }
        }
    }

    OptionalLong pack(int number) {
        return packs.of(number);
    }

    OptionalLong map(int number) {
        return maps.of(number);
    }

    /** Of own packs that are there. */
    int[] packNumbers() {
        return Arrays.copyOf(packs.numbers, packs.count);
    }

    /** Of own map objects that are there. */
    int[] mapNumbers() {
        return Arrays.copyOf(maps.numbers, maps.count);
    }
}
