package dev.muster.cli.schedules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster schedules executions}: only the catalogue knows them all, so only the API is asked. */
@Command(
        name = "executions",
        description = "Shows what became of a schedule's times, newest first, over the API.",
        mixinStandardHelpOptions = true)
final class ExecutionsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "SCHEDULE", description = "Its full name: <system>/<name>.")
    private String name = "";

    @Option(
            names = "--limit",
            paramLabel = "NUMBER",
            defaultValue = "50",
            description = "How many, 1 to 500 (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Option(names = "--before", paramLabel = "TIME", description = "Only times before this one.")
    private @Nullable String before;

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> query = new TreeMap<>(Map.of("limit", String.valueOf(limit)));
        if (before != null) {
            query.put("before", before);
        }
        String path = OverApi.path(name, "executions");
        Answer answer = options.connect().get(path, query);
        Output output = options.output(spec);
        if (output.json()) {
            output.line(answer.body());
            return ExitCode.SUCCESS;
        }
        output.table(
                ScheduleTables.executions(output, answer.json().path("executions")),
                "The catalogue has no time of " + name + ".");
        JsonNode next = answer.json().path("next");
        if (next.isTextual()) {
            output.aside("There are more: --before " + Output.text(next));
        }
        return ExitCode.SUCCESS;
    }
}
