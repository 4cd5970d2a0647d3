package dev.muster.repository;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.FramedStore;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packs of backups that were begun and never ended, such as those of a worker that died. A pack that is in the store
 * is whole, whatever became of its writer, so its frames may be referred to.
 *
 * <p>They are looked for only after the own lease was written: who cleans up decides against the dead backup first and
 * looks for leases afterwards, so either the decision is seen here or the lease is seen there.
 */
public final class UnfinishedBackups {
    private static final Pattern PACK = Pattern.compile("p-([0-9a-f]{8})\\.pack");

    private final ObjectStore store;
    private final FramedStore framed;
    private final BackupHeader own;

    UnfinishedBackups(ObjectStore store, FramedStore framed, BackupHeader own) {
        this.store = store;
        this.framed = framed;
        this.own = own;
    }

    /**
     * Those of the writer's source, newest first: with packs and a lease, without a manifest and a decision. One whose
     * COMMIT an expiry has just taken away looks undecided too and must not be used, since its packs go next; but it has
     * its manifest until its lease is gone. Hence the leases are listed last.
     */
    public List<String> ids() {
        String prefix = Paths.backups(own.source());
        Set<String> withPacks = new TreeSet<>(Comparator.reverseOrder());
        Set<String> ended = new HashSet<>();
        store.list(prefix, object -> {
            String[] parts = object.key().substring(prefix.length()).split("/");
            if (parts.length == 2 && (parts[1].equals("COMMIT") || parts[1].equals("manifest"))) {
                ended.add(parts[0]);
            } else if (parts.length == 2 && PACK.matcher(parts[1]).matches()) {
                withPacks.add(parts[0]);
            }
        });
        Set<String> withLease = new HashSet<>();
        store.list(
                "lease/",
                object -> withLease.add(object.key().substring(object.key().lastIndexOf('/') + 1)));
        return withPacks.stream()
                .filter(id -> !ended.contains(id) && withLease.contains(id) && !id.equals(own.id()))
                .toList();
    }

    /**
     * Tells of every frame in one's packs, until it is enough. A pack that cannot be read is left out: nothing needs it.
     *
     * @param more says whether to go on
     */
    public void frames(String backup, Predicate<FrameRef> more) {
        String prefix = Paths.backup(own.source(), backup);
        List<Integer> packs = new ArrayList<>();
        store.list(prefix, object -> {
            Matcher name = PACK.matcher(object.key().substring(prefix.length()));
            if (name.matches()) {
                packs.add(Integer.parseUnsignedInt(name.group(1), 16));
            }
        });
        for (int pack : packs) {
            FramedObject opened;
            try {
                opened = framed.open(ObjectType.PACK, Paths.pack(own.source(), backup, pack));
            } catch (ObjectMissingException | RepositoryException unusable) {
                continue;
            }
            for (Frame frame : opened.frames()) {
                if (!more.test(new FrameRef(backup, pack, frame))) {
                    return;
                }
            }
        }
    }
}
