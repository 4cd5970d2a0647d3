package dev.muster.repository.verification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What one level found.
 *
 * @param complete whether it looked at all that it should; else the budget ended it
 * @param backups that were looked at
 * @param files of these
 * @param objects that were looked at
 * @param bytes of these, as stored
 * @param problemCount all of them
 * @param problems the first 1,000
 * @param each of the backups that were looked at; none of CONTENT, which looks at objects
 * @param coverage of CONTENT only: how far the rolling look has come
 */
public record LevelResult(
        Level level,
        boolean complete,
        long backups,
        long files,
        long objects,
        long bytes,
        long problemCount,
        List<Problem> problems,
        List<BackupResult> each,
        Optional<Coverage> coverage) {
    public LevelResult {
        problems = List.copyOf(problems);
        each = List.copyOf(each);
    }

    public boolean sound() {
        return problemCount == 0;
    }

    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("level", level.label()).put("sound", sound()).put("complete", complete);
        json.put("backups", backups).put("files", files).put("objects", objects).put("bytes", bytes);
        coverage.ifPresent(found -> json.set("coverage", found.toJson()));
        json.put("problemCount", problemCount);
        ArrayNode list = json.putArray("problems");
        problems.forEach(problem -> list.add(problem.toJson()));
        return json;
    }
}
