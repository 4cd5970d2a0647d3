package dev.muster.repository.expiry;

import dev.muster.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which backups of a source were begun and are not decided: nobody knows yet what they need. */
public final class RunningBackups {
    private RunningBackups() {}

    /** Also those whose writers may be dead: an expiry of backups decides over these. */
    public static List<Running> of(Repository repository, String source) {
        SourceObjects objects = new SourceObjects(repository, source);
        List<FoundLease> leases = objects.leases();
        Map<String, BackupObjects> backups = objects.list();
        List<Running> running = new ArrayList<>();
        for (FoundLease lease : leases) {
            BackupObjects backup = backups.getOrDefault(lease.backup(), BackupObjects.none(source, lease.backup()));
            if (backup.decision().isEmpty() && !backup.expiring()) {
                running.add(new Running(lease.backup(), lease.writer(), lease.modified()));
            }
        }
        return List.copyOf(running);
    }
}
