package dev.muster.repository.expiry;

import dev.muster.repository.FrameRef;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.storage.ObjectInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Packs of expired backups of which little is still needed. A new backup stores those frames again instead of referring
 * to them ({@link CopyForward}); when the older backups that refer to such a pack have expired too, it goes. Nothing is
 * rewritten, and a wrong guess here costs room in the store or bytes in a backup, never content.
 */
public final class DeadPacks {
    /** Below it, storing again what is needed costs less than keeping the rest. */
    public static final double DEFAULT_SHARE = 0.3;

    private static final Pattern PACK = Pattern.compile(".*/p-([0-9a-f]{8})\\.pack");

    /** Frames that are held in memory while they are counted. */
    private static final int MAX_FRAMES = 1_000_000;

    /** Of a backup's content, that it stores again at most: an increment must not grow into a full backup for that. */
    private static final double MOST_OF_CONTENT = 0.1;

    private record Pack(String backup, int number) {
        static Pack of(FrameRef ref) {
            return new Pack(ref.backup(), ref.pack());
        }
    }

    private final Map<Pack, DeadPack> packs;

    private DeadPacks(List<DeadPack> packs) {
        this.packs =
                packs.stream().collect(Collectors.toMap(pack -> new Pack(pack.backup(), pack.number()), pack -> pack));
    }

    /** Nothing is copied. */
    public static DeadPacks none() {
        return new DeadPacks(List.of());
    }

    /** With {@link #DEFAULT_SHARE}. */
    public static DeadPacks of(Repository repository, String source) {
        return of(repository, source, DEFAULT_SHARE);
    }

    /**
     * Reads the file maps of all committed backups, unless no expired backup has packs left.
     *
     * @param share a pack is named if less than this share of its bytes is needed, 0 to 1
     * @throws dev.muster.repository.RepositoryException if a decision, manifest or file map cannot be read
     */
    public static DeadPacks of(Repository repository, String source, double share) {
        Map<String, BackupObjects> backups = new SourceObjects(repository, source).list();
        Map<Pack, Long> sizes = new HashMap<>();
        for (BackupObjects backup : backups.values()) {
            if (backup.expiring() && backup.decision().isEmpty()) {
                packs(backup).forEach(sizes::put);
            }
        }
        if (sizes.isEmpty()) {
            return none();
        }
        Counting counting = new Counting(sizes, share);
        Needed reading = new Needed(repository, source, (backup, run) -> counting.add(run));
        backups.values().stream().flatMap(backup -> backup.committed().stream()).forEach(reading::add);
        return new DeadPacks(counting.dead());
    }

    /** Those that a backup with so many raw bytes of content has to care for; the rest is for the next backups. */
    public DeadPacks forBackupOf(long bytes) {
        return costingAtMost((long) (bytes * MOST_OF_CONTENT));
    }

    /** The cheapest ones, each as a whole: half of what a pack is needed for frees nothing. */
    DeadPacks costingAtMost(long content) {
        List<DeadPack> taken = new ArrayList<>();
        long sum = 0;
        for (DeadPack pack : packs.values().stream()
                .sorted(Comparator.comparingLong(DeadPack::content)
                        .thenComparing(DeadPack::backup)
                        .thenComparingInt(DeadPack::number))
                .toList()) {
            sum += pack.content();
            if (sum > content) {
                break;
            }
            taken.add(pack);
        }
        return new DeadPacks(taken);
    }

    private static Map<Pack, Long> packs(BackupObjects backup) {
        Map<Pack, Long> packs = new HashMap<>();
        for (ObjectInfo object : backup.content()) {
            Matcher name = PACK.matcher(object.key());
            if (name.matches()) {
                packs.put(new Pack(backup.id(), Integer.parseUnsignedInt(name.group(1), 16)), object.size());
            }
        }
        return packs;
    }

    public List<DeadPack> packs() {
        return List.copyOf(packs.values());
    }

    public boolean isEmpty() {
        return packs.isEmpty();
    }

    /** Whether a new backup should store this run's bytes again rather than refer to it. */
    public boolean copyForward(Run run) {
        return run instanceof Run.Stored stored && copyForward(stored.ref());
    }

    /** Whether a new backup should store this frame's bytes again rather than refer to it. */
    public boolean copyForward(FrameRef ref) {
        return !packs.isEmpty() && packs.containsKey(Pack.of(ref));
    }

    /** Adds up which frames are needed, pack by pack, and forgets a pack as soon as it is not dead. */
    private static final class Counting {
        private final Map<Pack, Long> sizes;
        private final double share;
        private final Map<Pack, Set<Long>> frames = new HashMap<>();
        private final Map<Pack, Long> needed = new HashMap<>();
        private final Map<Pack, Long> content = new HashMap<>();
        private int held;

        Counting(Map<Pack, Long> sizes, double share) {
            this.sizes = sizes;
            this.share = share;
        }

        void add(Run.Stored run) {
            Pack pack = Pack.of(run.ref());
            Long size = sizes.get(pack);
            if (size == null
                    || !frames.computeIfAbsent(pack, any -> new HashSet<>())
                            .add(run.ref().frame().offset())) {
                return;
            }
            held++;
            content.merge(pack, (long) run.ref().frame().rawLength(), Long::sum);
            long sum = needed.merge(pack, (long) run.ref().frame().storedLength(), Long::sum);
            if (sum >= share * size || held > MAX_FRAMES) {
                sizes.remove(pack);
                held -= frames.getOrDefault(pack, Set.of()).size();
                frames.remove(pack);
            }
        }

        List<DeadPack> dead() {
            List<DeadPack> dead = new ArrayList<>();
            sizes.forEach((pack, size) -> dead.add(new DeadPack(
                    pack.backup(),
                    pack.number(),
                    size,
                    needed.getOrDefault(pack, 0L),
                    content.getOrDefault(pack, 0L))));
            return dead;
        }
    }
}
