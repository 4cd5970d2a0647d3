package dev.muster.repository.verification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * The result of the deepest look, which a run has made and who asks for a report brings along.
 *
 * @param run its workflow id
 * @param passed whether the copy started and all checks held
 * @param summary one sentence for people
 */
public record RestoreTest(String run, String source, String backup, Instant time, boolean passed, String summary) {
    ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("level", Level.RESTORE.label())
                .put("run", run)
                .put("source", source)
                .put("backup", backup)
                .put("time", time.toString())
                .put("sound", passed)
                .put("summary", summary);
    }
}
