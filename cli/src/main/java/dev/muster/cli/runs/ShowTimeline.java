package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.output.Times;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster runs timeline}. */
@Command(
        name = "timeline",
        description = "Shows what happened in a run, in the order of time.",
        mixinStandardHelpOptions = true)
final class ShowTimeline implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private RunId run = new RunId();

    @Override
    public Integer call() throws InterruptedException {
        Answer answer = options.connect().get(ApiClient.path("runs", run.value(), "timeline"));
        Output output = options.output(spec);
        if (output.json()) {
            output.line(answer.body());
            return ExitCode.SUCCESS;
        }
        Table table = new Table(
                Table.Column.of("AT"),
                Table.Column.of("AFTER").toTheRight().optional(2),
                Table.Column.of("WHAT"),
                Table.Column.of("TITLE").atLeast(16),
                Table.Column.of("DETAIL").atLeast(20).optional(1));
        JsonNode started = answer.json().path("run").path("started");
        for (JsonNode entry : answer.json().path("entries")) {
            table.row(
                    output.times().withAge(entry.path("at")),
                    Times.between(started, entry.path("at")),
                    Output.text(entry.path("kind")),
                    Output.text(entry.path("title")),
                    Output.text(entry.path("detail")));
        }
        output.table(table, "Nothing has happened yet.");
        return ExitCode.SUCCESS;
    }
}
