package dev.muster.postgres.retention;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.postgres.Lsn;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.retention.BackupOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of a cluster's backups: by timeline and position, which no clock can set back. Backups of several clusters
 * of one source, as after a new initdb, come cluster by cluster.
 */
public final class WalOrder implements BackupOrder {
    @Override
    public List<CommittedBackup> apply(List<CommittedBackup> backups) {
        Map<String, List<CommittedBackup>> clusters = new LinkedHashMap<>();
        backups.stream()
                .sorted(Comparator.comparing(CommittedBackup::id))
                .forEach(backup -> clusters.computeIfAbsent(line(backup), any -> new ArrayList<>())
                        .add(backup));
        List<CommittedBackup> ordered = new ArrayList<>();
        for (List<CommittedBackup> cluster : clusters.values()) {
            cluster.sort(Comparator.comparingInt(WalOrder::timeline)
                    .thenComparing(WalOrder::start)
                    .thenComparing(CommittedBackup::id));
            ordered.addAll(cluster);
        }
        return List.copyOf(ordered);
    }

    /** The cluster. */
    @Override
    public String line(CommittedBackup backup) {
        return backup.summary().path("systemId").asText();
    }

    private static int timeline(CommittedBackup backup) {
        return backup.summary().path("timeline").asInt();
    }

    private static Lsn start(CommittedBackup backup) {
        JsonNode start = backup.summary().path("start");
        return start.isTextual() ? Lsn.parse(start.textValue()) : Lsn.INVALID;
    }
}
