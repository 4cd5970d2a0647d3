package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.lookup.MentionedHost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What reading a document brings up.
 *
 * @param problems why it is refused
 * @param warnings what its reader should know, and which refuses nothing
 * @param hosts that others must be able to reach
 */
record Findings(Consumer<Problem> problems, List<Problem> warnings, List<MentionedHost> hosts) {
    static Findings of(Consumer<Problem> problems) {
        return new Findings(problems, new ArrayList<>(), new ArrayList<>());
    }
}
