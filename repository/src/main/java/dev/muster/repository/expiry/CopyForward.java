package dev.muster.repository.expiry;

import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Run;
import dev.muster.repository.frames.Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores again, in a backup that is being made, what it would else refer to in packs that are mostly dead. For one
 * thread.
 */
public final class CopyForward {
    private final BackupReader ancestor;
    private final DeadPacks dead;
    private long copied;

    /** @param ancestor the backup whose runs are used again */
    public CopyForward(BackupReader ancestor, DeadPacks dead) {
        this.ancestor = ancestor;
        this.dead = dead;
    }

    /** Raw bytes that were stored again. */
    public long copied() {
        return copied;
    }

    /**
     * The same content, without frames of mostly dead packs. What is copied is read and checked first; neighbours become
     * one frame.
     *
     * @param runs of the ancestor's, in order
     */
    public List<Run> runs(List<Run> runs, PackWriter pack) {
        List<Run> result = new ArrayList<>(runs.size());
        byte[] raw = new byte[Frame.MAX_RAW];
        for (int i = 0; i < runs.size(); ) {
            long from = runs.get(i).offset();
            int held = 0;
            while (i < runs.size() && isDead(runs.get(i)) && held + runs.get(i).length() <= raw.length) {
                ancestor.read(runs.get(i), raw, held);
                held += runs.get(i).length();
                i++;
            }
            if (held > 0) {
                result.add(pack.run(from, raw, 0, held));
                copied += held;
            } else {
                result.add(runs.get(i));
                i++;
            }
        }
        return result;
    }

    /**
     * Adds a file that has not changed since the ancestor: by its maps there, or, where these name mostly dead packs, by
     * a map of its own.
     *
     * @param old its entry in the ancestor
     */
    public void unchangedFile(BackupWriter backup, PackWriter pack, Entry entry, Entry old) {
        if (dead.isEmpty() || ancestor.runs(old).noneMatch(this::isDead)) {
            backup.unchangedFile(entry, old);
        } else {
            backup.fileOfRuns(entry, runs(ancestor.runs(old).toList(), pack));
        }
    }

    private boolean isDead(Run run) {
        return dead.copyForward(run);
    }
}
