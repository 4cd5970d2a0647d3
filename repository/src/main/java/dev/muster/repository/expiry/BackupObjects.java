package dev.muster.repository.expiry;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Decision;
import dev.muster.repository.Paths;
import dev.muster.storage.ObjectInfo;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a listing shows below one backup, and what was decided over it.
 *
 * @param objects of kinds that this program knows; others are left alone
 */
record BackupObjects(String source, String id, List<ObjectInfo> objects, Optional<Decision> decision) {
    private static final Pattern CONTENT = Pattern.compile("manifest|map-[0-9a-f]{4}|p-[0-9a-f]{8}\\.pack");

    BackupObjects {
        objects = List.copyOf(objects);
    }

    /** Nothing is below it. */
    static BackupObjects none(String source, String id) {
        return new BackupObjects(source, id, List.of(), Optional.empty());
    }

    static boolean known(String name) {
        return name.equals("COMMIT")
                || CONTENT.matcher(name).matches()
                || name.startsWith(Paths.KEEP)
                || name.startsWith(Paths.EXPIRE);
    }

    Optional<CommittedBackup> committed() {
        return decision.filter(Decision.Committed.class::isInstance)
                .map(committed -> ((Decision.Committed) committed).backup());
    }

    boolean aborted() {
        return decision.filter(Decision.Aborted.class::isInstance).isPresent();
    }

    /** An expiry has begun to take it away. */
    boolean expiring() {
        return !marks(Paths.EXPIRE).isEmpty();
    }

    /** Manifest, map objects and packs. */
    List<ObjectInfo> content() {
        return objects.stream()
                .filter(object -> CONTENT.matcher(name(object)).matches())
                .toList();
    }

    List<ObjectInfo> marks(String prefix) {
        return objects.stream()
                .filter(object -> name(object).startsWith(prefix))
                .toList();
    }

    private String name(ObjectInfo object) {
        return object.key().substring(Paths.backup(source, id).length());
    }
}
