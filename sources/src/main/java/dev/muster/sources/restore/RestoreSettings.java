package dev.muster.sources.restore;

import dev.muster.repository.EntryPath;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * @param target a folder that only this user may write to; made if it is missing
 * @param workers threads, 1 to 64
 * @param overwrite the target may hold other files: what differs is replaced, what the backup does not have stays
 * @param owners give files to the users and groups that had them; only root can
 * @param specialBits bring setuid and setgid back; only root may ask
 * @param only these and what is below them; everything if empty
 */
public record RestoreSettings(
        Path target, int workers, boolean overwrite, boolean owners, boolean specialBits, List<EntryPath> only) {
    public RestoreSettings {
        only = List.copyOf(only);
        if (workers < 1 || workers > 64) {
            throw new IllegalArgumentException("A restore has 1 to 64 workers, not " + workers);
        }
        if ((owners || specialBits) && !isRoot()) {
            throw new IllegalArgumentException("Only root can restore owners and setuid bits");
        }
    }

    /** Into an empty or missing folder; owners too where this is root. */
    public static RestoreSettings into(Path target) {
        int workers = Math.min(8, Runtime.getRuntime().availableProcessors());
        return new RestoreSettings(target, workers, false, isRoot(), false, List.of());
    }

    /** Whether this process may give files away. */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    boolean wants(EntryPath path) {
        return only.isEmpty() || only.stream().anyMatch(one -> isBelow(path, one));
    }

    static boolean isBelow(EntryPath path, EntryPath top) {
        byte[] inner = path.bytes();
        byte[] outer = top.bytes();
        return top.equals(EntryPath.ROOT)
                || (inner.length >= outer.length
                        && Arrays.equals(inner, 0, outer.length, outer, 0, outer.length)
                        && (inner.length == outer.length || inner[outer.length] == '/'));
    }
}
