package dev.muster.postgres.retention;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.expiry.Running;
import dev.muster.repository.frames.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which WAL of a source would go. Nothing was changed for it.
 *
 * @param repository its id
 * @param now the time that the window was reckoned to
 * @param running backups that are being made; nothing goes while there are any
 */
public record WalExpiryPlan(
        String repository, String source, Instant now, List<ClusterWal> clusters, List<Running> running) {
    public WalExpiryPlan {
        clusters = List.copyOf(clusters);
        running = List.copyOf(running);
    }

    /** In the order in which it goes. */
    public List<ExpiredWal> expired() {
        return clusters.stream().flatMap(cluster -> cluster.expired().stream()).toList();
    }

    /** Names what goes: 64 hexadecimal digits. */
    public String hash() {
        Set<String> keys = new TreeSet<>();
        expired().forEach(one -> keys.add(one.key()));
        String text = "muster-wal-expiry 1\n" + repository + "\n" + source + "\n" + String.join("\n", keys) + "\n";
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** For programs; docs/reference/retention.md lists the fields. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("repository", repository)
                .put("source", source)
                .put("now", now.toString())
                .put("hash", hash());
        ArrayNode array = json.putArray("clusters");
        for (ClusterWal cluster : clusters) {
            ObjectNode one =
                    array.addObject().put("systemId", cluster.systemId()).put("kept", cluster.kept());
            ArrayNode needs = one.putArray("needs");
            for (WalNeed need : cluster.needs()) {
                ObjectNode described = needs.addObject()
                        .put("timeline", need.path().timeline())
                        .put("from", need.from().toString());
                need.to().ifPresent(to -> described.put("to", to.toString()));
                described.put("why", need.why());
            }
            ArrayNode expired = one.putArray("expired");
            for (ExpiredWal wal : cluster.expired()) {
                expired.addObject()
                        .put("key", wal.key())
                        .put("bytes", wal.bytes())
                        .put("why", wal.why().name());
            }
            ArrayNode doubts = one.putArray("doubts");
            cluster.doubts().forEach(doubts::add);
            ArrayNode warnings = one.putArray("warnings");
            cluster.warnings().forEach(warnings::add);
        }
        ArrayNode waiting = json.putArray("waitingFor");
        running.forEach(one -> waiting.addObject().put("backup", one.backup()).put("writer", one.writer()));
        return json;
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ClusterWal cluster : clusters) {
            long bytes = cluster.expired().stream().mapToLong(ExpiredWal::bytes).sum();
            lines.add("cluster " + cluster.systemId() + ": " + cluster.expired().size() + " objects of WAL go, " + bytes
                    + " bytes; " + cluster.kept() + " stay");
            for (WalNeed need : cluster.needs()) {
                String to = need.to().map(end -> " to " + end).orElse("");
                lines.add(
                        "keep    timeline " + need.path().timeline() + " from " + need.from() + to + ": " + need.why());
            }
            cluster.doubts().forEach(doubt -> lines.add("doubt   nothing goes: " + doubt));
            cluster.warnings().forEach(warning -> lines.add("warning " + warning));
        }
        running.forEach(one -> lines.add("wait    the backup " + one.backup() + " of the writer " + one.writer()
                + " is being made; no WAL goes meanwhile"));
        return List.copyOf(lines);
    }
}
