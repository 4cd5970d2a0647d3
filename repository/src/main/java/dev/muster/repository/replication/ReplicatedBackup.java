package dev.muster.repository.replication;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** What became of one committed backup. */
public record ReplicatedBackup(String source, String backup, Outcome outcome) {
    /** Of one run. */
    public enum Outcome {
        /** It is in the replica since now. */
        COPIED,
        /** It was there, and nothing of it is missing. */
        PRESENT,
        /** It counted in the replica although something was missing, which is there again. */
        REPAIRED,
        /** Something could not be copied; a problem says what. Where it did not count before, it does not now. */
        INCOMPLETE
    }

    ObjectNode toJson() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("source", source)
                .put("backup", backup)
                .put("outcome", outcome.name().toLowerCase(Locale.ROOT));
    }
}
