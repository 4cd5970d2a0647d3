package dev.muster.cli.runs;

import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.client.PageOptions;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster runs list}. */
@Command(name = "list", description = "Lists runs, newest first.", mixinStandardHelpOptions = true)
final class ListRuns implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private PageOptions page = new PageOptions();

    @Option(names = "--system", paramLabel = "NAME", description = "Only runs for this system.")
    private @Nullable String system;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "Only backup, point-in-time-recovery, restore-test, verify, replicate or expire.")
    private @Nullable String scenario;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only PLANNING, WAITING_FOR_APPROVAL, EXECUTING or FINISHED.")
    private @Nullable String state;

    @Option(
            names = "--verdict",
            paramLabel = "VERDICT",
            description = "Only PLANNED, SUCCEEDED, NOT_APPROVED or FAILED.")
    private @Nullable String verdict;

    @Option(names = "--requester", paramLabel = "NAME", description = "Only runs that this person asked for.")
    private @Nullable String requester;

    @Option(names = "--schedule", paramLabel = "NAME", description = "Only runs that this schedule started.")
    private @Nullable String schedule;

    @Option(names = "--from", paramLabel = "TIME", description = "Started then or later, such as 2026-11-21T03:00:00Z.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Started before then.")
    private @Nullable String to;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> query = page.query();
        put(query, "system", system);
        put(query, "scenario", scenario);
        put(query, "state", state);
        put(query, "verdict", verdict);
        put(query, "requester", requester);
        put(query, "schedule", schedule);
        put(query, "from", from);
        put(query, "to", to);
        Answer answer = options.connect().get(ApiClient.path("runs"), query);
        Output output = options.output(spec);
        if (output.json()) {
            output.line(answer.body());
            return ExitCode.SUCCESS;
        }
        output.table(RunTable.of(output, answer.json().path("runs")), "There are no such runs.");
        page.next(output, answer.json());
        return ExitCode.SUCCESS;
    }

    private static void put(Map<String, String> query, String name, @Nullable String value) {
        if (value != null) {
            query.put(name, value);
        }
    }
}
