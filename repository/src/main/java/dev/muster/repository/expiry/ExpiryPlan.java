package dev.muster.repository.expiry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.retention.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an expiry would do, for people to read before. Nothing was changed for it.
 *
 * @param repository its id
 * @param now the time that ages were reckoned to
 * @param verdicts over each committed backup, in their order
 * @param cleaning backups that do not count and of which something is left
 * @param freed by each backup that goes
 * @param running backups that hold up the deletion
 * @param temporaryFiles of killed writers, in a local store
 */
public record ExpiryPlan(
        String repository,
        String source,
        Instant now,
        List<Verdict> verdicts,
        List<Cleaning> cleaning,
        Map<String, Freed> freed,
        List<Running> running,
        int temporaryFiles) {
    public ExpiryPlan {
        verdicts = List.copyOf(verdicts);
        cleaning = List.copyOf(cleaning);
        freed = Map.copyOf(freed);
        running = List.copyOf(running);
    }

    /** The committed backups that go, in their order. */
    public List<String> expired() {
        return verdicts.stream()
                .filter(verdict -> !verdict.kept())
                .map(verdict -> verdict.backup().id())
                .toList();
    }

    /** Every backup of which something may be deleted. */
    public Set<String> named() {
        Set<String> named = new TreeSet<>(expired());
        cleaning.forEach(one -> named.add(one.backup()));
        return named;
    }

    /**
     * Names what this plan deletes: 64 hexadecimal digits, the same for a plan that is made again later and takes the
     * same backups away.
     */
    public String hash() {
        Map<String, String> lines = new TreeMap<>();
        expired().forEach(id -> lines.put(id, "expire"));
        cleaning.forEach(one -> lines.put(one.backup(), one.why().name()));
        String text = lines.entrySet().stream()
                .map(line -> line.getKey() + " " + line.getValue())
                .collect(Collectors.joining("\n", "muster-expiry 1\n" + repository + "\n" + source + "\n", "\n"));
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** For programs; docs/reference/retention.md lists the fields. */
    public ObjectNode toJson() {
        return PlanDocument.json(this);
    }

    /** For people: a line for each backup, oldest first, then what is cleaned up, and what it waits for. */
    public List<String> lines() {
        return PlanDocument.lines(this);
    }
}
