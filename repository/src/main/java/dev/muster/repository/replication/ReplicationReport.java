package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.verification.Problem;
import java.time.Instant;
import java.util.List;

/**
 * What a replication did.
 *
 * @param origin URL of the store that was read
 * @param replica URL of the store that was written
 * @param checked whether each object's tags were checked on the way, which needs the key
 * @param complete whether it came to its end; else the replica's store failed, and the next run goes on
 * @param objects that were copied
 * @param bytes of these, as stored
 * @param backups what became of each that was looked at; of those without the key only the new ones
 * @param problemCount all of them
 * @param problems the first 1,000
 */
public record ReplicationReport(
        String origin,
        String replica,
        Instant started,
        Instant ended,
        boolean checked,
        boolean complete,
        long objects,
        long bytes,
        List<ReplicatedBackup> backups,
        long problemCount,
        List<Problem> problems) {
    public ReplicationReport {
        backups = List.copyOf(backups);
        problems = List.copyOf(problems);
    }

    public boolean sound() {
        return complete && problemCount == 0;
    }

    /** @throws dev.muster.repository.RepositoryException the first problem, if there is one */
    public ReplicationReport requireSound() {
        if (!sound()) {
            throw problems.get(0).toException();
        }
        return this;
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("origin", origin).put("replica", replica).put("sound", sound());
        json.put("started", started.toString()).put("ended", ended.toString());
        json.put("checked", checked).put("complete", complete);
        json.put("objects", objects).put("bytes", bytes);
        ArrayNode copied = json.putArray("backups");
        backups.forEach(backup -> copied.add(backup.toJson()));
        json.put("problemCount", problemCount);
        ArrayNode list = json.putArray("problems");
        problems.forEach(problem -> list.add(problem.toJson()));
        return json;
    }
}
