package dev.muster.repository.verification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the rolling look at every byte has come.
 *
 * @param objects in the store now
 * @param never how many of them no look has found sound yet
 * @param oldest of the others, when the one was looked at whose look is longest ago
 */
public record Coverage(long objects, long never, Optional<Instant> oldest) {
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("objects", objects).put("never", never);
        oldest.ifPresent(time -> json.put("oldest", time.toString()));
        return json;
    }
}
