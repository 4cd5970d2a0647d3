package dev.muster.repository;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.FramedStore;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packs of backups that were begun and neither committed nor aborted, such as those of a worker that died. A pack
 * that is in the store is whole, whatever became of its writer, so its frames may be referred to.
 *
 * <p>They are looked at only after the own lease was written: who cleans up decides against the dead backup first and
 * looks for leases afterwards, so either the decision is seen here or the lease is seen there.
 */
public final class UnfinishedBackups {
    private static final Pattern PACK = Pattern.compile("p-([0-9a-f]{8})\\.pack");

    private final Repository repository;
    private final FramedStore framed;
    private final Decisions decisions;
    private final BackupHeader own;

    UnfinishedBackups(Repository repository, FramedStore framed, Decisions decisions, BackupHeader own) {
        this.repository = repository;
        this.framed = framed;
        this.decisions = decisions;
        this.own = own;
    }

    /**
     * Those of the writer's source, newest first.
     *
     * @throws RepositoryException OBJECT_DAMAGED if a lease or a decision cannot be read
     */
    public List<String> ids() {
        List<String> ids = new ArrayList<>();
        for (Lease lease : repository.leases()) {
            boolean candidate =
                    lease.source().equals(own.source()) && !lease.backup().equals(own.id());
            if (candidate && undecided(lease.backup())) {
                ids.add(lease.backup());
            }
        }
        ids.sort(Comparator.reverseOrder());
        return List.copyOf(ids);
    }

    private boolean undecided(String backup) {
        try {
            decisions.read(own.source(), backup);
            return false;
        } catch (ObjectMissingException nobodyDecided) {
            return true;
        }
    }

    /**
     * Tells of every frame in one's packs, until it is enough. A pack that cannot be read is left out: nothing needs it.
     *
     * @param more says whether to go on
     */
    public void frames(String backup, Predicate<FrameRef> more) {
        ObjectStore store = repository.store();
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
