package dev.muster.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** Where a verb writes: results to standard output, everything else to standard error. */
public final class Output {
    private static final int UNBOUNDED = 100_000;
    private static final int NARROWEST = 40;

    private final CommandSpec spec;
    private final Format format;
    private final Times times = new Times(Clock.systemUTC());

    public Output(CommandSpec spec, Format format) {
        this.spec = spec;
        this.format = format;
    }

    public boolean json() {
        return format == Format.JSON;
    }

    public Times times() {
        return times;
    }

    /** A result, which is a line or several. */
    public void line(String text) {
        write(spec.commandLine().getOut(), text);
    }

    /** What people read besides the result: progress and advice. Never in the way of a script. */
    public void aside(String text) {
        write(spec.commandLine().getErr(), text);
    }

    /** Progress: beside the result where that is JSON, else in its place. */
    public void progress(String text) {
        if (json()) {
            aside(text);
        } else {
            line(text);
        }
    }

    private static void write(PrintWriter writer, String text) {
        writer.println(text);
        writer.flush();
    }

    /** @param empty what is said where there are no rows */
    public void table(Table table, String empty) {
        if (table.isEmpty()) {
            line(empty);
            return;
        }
        table.lines(width()).forEach(this::line);
    }

    /** Names before their values, those without a value left out. */
    public void facts(List<Map.Entry<String, String>> facts) {
        int widest =
                facts.stream().mapToInt(fact -> fact.getKey().length()).max().orElse(0);
        for (Map.Entry<String, String> fact : facts) {
            if (!fact.getValue().isEmpty()) {
                line(String.format(
                        Locale.ROOT,
                        "%-" + (widest + 1) + "s %s",
                        fact.getKey() + ":",
                        Printable.line(fact.getValue())));
            }
        }
    }

    /** Lines go into a pipe or file as long as they are; on a terminal they have its width. */
    private int width() {
        if (!Boolean.getBoolean("muster.terminal")) {
            return UNBOUNDED;
        }
        return Optional.ofNullable(System.getenv("COLUMNS"))
                .filter(columns -> columns.matches("\\d{1,4}"))
                .map(Integer::valueOf)
                .map(columns -> Math.max(NARROWEST, columns))
                .orElseGet(() -> {
                    spec.usageMessage().autoWidth(true);
                    return Math.max(NARROWEST, spec.usageMessage().width());
                });
    }

    /** A text field of the API's; empty if it is absent. */
    public static String text(JsonNode field) {
        return field.isValueNode() && !field.isNull() ? field.asText() : "";
    }
}
