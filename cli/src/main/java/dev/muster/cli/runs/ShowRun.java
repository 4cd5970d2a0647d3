package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.output.Times;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster runs show}. */
@Command(
        name = "show",
        description = "Shows where a run is, whom it waits for, what it has done.",
        mixinStandardHelpOptions = true)
final class ShowRun implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private RunId run = new RunId();

    @Override
    public Integer call() throws InterruptedException {
        Answer answer = options.connect().get(ApiClient.path("runs", run.value()));
        Output output = options.output(spec);
        if (output.json()) {
            output.line(answer.body());
            return ExitCode.SUCCESS;
        }
        facts(output, answer.json().path("run"));
        steps(output, answer.json().path("steps"));
        approvals(output, answer.json().path("approvals"));
        return ExitCode.SUCCESS;
    }

    private static void facts(Output output, JsonNode shown) {
        JsonNode waiting = shown.path("waiting");
        String since = output.times().withAge(waiting.path("since"));
        String until = output.times().withAge(waiting.path("until"));
        output.facts(List.of(
                Map.entry("run", Output.text(shown.path("id"))),
                Map.entry("workflow", Output.text(shown.path("workflowId"))),
                Map.entry("system", Output.text(shown.path("system"))),
                Map.entry(
                        "scenario",
                        Output.text(shown.path("scenario"))
                                + (shown.path("dryRun").asBoolean() ? " (dry run)" : "")),
                Map.entry("asked for by", Output.text(shown.path("requester"))),
                Map.entry("state", RunTable.state(shown)),
                Map.entry(
                        "waits for",
                        waiting.isObject()
                                ? "an approval by a person with the role " + Output.text(waiting.path("role"))
                                        + (since.isEmpty() ? "" : ", since " + since)
                                        + (until.isEmpty() ? "" : ", until " + until)
                                : ""),
                Map.entry("summary", Output.text(shown.path("summary")))));
        output.facts(List.of(
                Map.entry("started", output.times().withAge(shown.path("started"))),
                Map.entry("ended", output.times().withAge(shown.path("ended"))),
                Map.entry("took", Times.between(shown.path("started"), shown.path("ended"))),
                Map.entry("plan", Output.text(shown.path("planHash")))));
        if (!shown.path("live").asBoolean()) {
            output.aside("The run does not answer just now; this is its newest record.");
        }
    }

    private static void steps(Output output, JsonNode steps) {
        Table table = new Table(
                Table.Column.of("STEP").atLeast(12),
                Table.Column.of("STATE"),
                Table.Column.of("TOOK").toTheRight(),
                Table.Column.of("STARTED").optional(2),
                Table.Column.of("WHERE").atLeast(8).optional(3),
                Table.Column.of("DETAIL").atLeast(20).optional(1));
        for (JsonNode step : steps) {
            table.row(
                    Output.text(step.path("title")),
                    Output.text(step.path("state")),
                    Times.between(step.path("started"), step.path("ended")),
                    output.times().withAge(step.path("started")),
                    Output.text(step.path("where")),
                    Output.text(step.path("detail")));
        }
        output.line("");
        output.table(table, "No step has begun.");
    }

    private static void approvals(Output output, JsonNode approvals) {
        if (approvals.isEmpty()) {
            return;
        }
        Table table = new Table(
                Table.Column.of("PRESENTED"),
                Table.Column.of("BY").atLeast(6),
                Table.Column.of("ANSWER"),
                Table.Column.of("MESSAGE").atLeast(20).optional(1));
        for (JsonNode approval : approvals) {
            table.row(
                    output.times().withAge(approval.path("at")),
                    Output.text(approval.path("approver")),
                    Output.text(approval.path("code")),
                    Output.text(approval.path("message")));
        }
        output.line("");
        output.table(table, "");
    }
}
