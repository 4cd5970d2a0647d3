package dev.muster.cli.schedules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How a command prints: a table for people, JSON for scripts. */
final class Output {
    /** What can be written after {@code --output}; picocli takes the names in any case. */
    enum Form {
        table,
        json
    }

    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT);

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Form form = Form.table;

    void print(CommandSpec spec, Object json, Supplier<List<String>> lines) {
        PrintWriter out = spec.commandLine().getOut();
        switch (form) {
            case table -> lines.get().forEach(out::println);
            case json -> {
                try {
                    out.println(JSON.writeValueAsString(json));
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException("An answer that is no JSON", e);
                }
            }
        }
        out.flush();
    }
}
