package dev.muster.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.output.Output;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which page of a list. */
public final class PageOptions {
    @Option(
            names = "--limit",
            paramLabel = "NUMBER",
            defaultValue = "50",
            description = "How many, 1 to 500 (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Option(names = "--cursor", paramLabel = "CURSOR", description = "Where the page before ended.")
    private @Nullable String cursor;

    public Map<String, String> query() {
        Map<String, String> query = new TreeMap<>();
        query.put("limit", String.valueOf(limit));
        if (cursor != null) {
            query.put("cursor", cursor);
        }
        return query;
    }

    /** Says how to get the next page, if there is one. */
    public void next(Output output, JsonNode page) {
        String next = Output.text(page.path("next"));
        if (!next.isEmpty()) {
            output.aside("There are more: --cursor " + next);
        }
    }
}
