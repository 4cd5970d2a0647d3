package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.runbooks.yaml.RunbookFiles;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster runs start}. */
@Command(
        name = "start",
        description = "Starts a run. Ending this command does not end the run.",
        mixinStandardHelpOptions = true)
final class StartRun implements Callable<Integer> {
    private static final String SHIPPED = "shipped:";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Parameters(
            index = "0",
            paramLabel = "SYSTEM",
            description = "The system's name, as 'muster systems list' shows it.")
    private String system = "";

    @Parameters(
            index = "1",
            paramLabel = "RUNBOOK",
            description = "A runbook's file, or a shipped one: shipped:backup, shipped:point-in-time-recovery,"
                    + " shipped:restore-test.")
    private String runbook = "";

    @Option(names = "--dry-run", description = "End once the plan is made, and touch nothing; implies --wait.")
    private boolean dryRun;

    @Option(names = "--wait", description = "Follow the run to its end, and exit as it ended.")
    private boolean waits;

    @Mixin
    private WaitOptions wait = new WaitOptions();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The Idempotency-Key: with the same key and request there is one run (default: a new one).")
    private @Nullable String key;

    @Override
    public Integer call() throws InterruptedException {
        Duration limit = wait.limit();
        String text = runbook.startsWith(SHIPPED)
                ? runbook
                : RunbookFiles.source(runbook).text();
        ApiClient api = options.connect();
        Output output = options.output(spec);
        Answer started = start(api, output, text);
        String id = Output.text(started.json().path("id"));
        String told = (started.status() == 201 ? "Run " : "Was started before: run ") + id;
        if (!waits && !dryRun) {
            output.line(output.json() ? started.body() : told);
            return ExitCode.SUCCESS;
        }
        output.progress(told);
        new RunWatch(api, output, RunProgress.lines(output), id, limit).follow();
        Answer details = api.get(ApiClient.path("runs", id));
        JsonNode run = details.json().path("run");
        if (dryRun && Output.text(run.path("verdict")).equals("PLANNED")) {
            plan(api, output, id);
            return ExitCode.SUCCESS;
        }
        if (output.json()) {
            output.line(details.body());
        }
        return WaitOptions.told(output, run);
    }

    private Answer start(ApiClient api, Output output, String text) throws InterruptedException {
        String given = key;
        String used = given == null ? UUID.randomUUID().toString() : given;
        try {
            return api.startRun(
                    ApiClient.object()
                            .put("system", system)
                            .put("runbook", text)
                            .put("dryRun", dryRun),
                    used);
        } catch (CliException e) {
            if (e.exitCode() == ExitCode.UNREACHABLE) {
                output.aside("To repeat it without starting a second run, add: --key " + used);
            }
            throw e;
        }
    }

    private static void plan(ApiClient api, Output output, String id) throws InterruptedException {
        Answer plan = api.get(ApiClient.path("runs", id, "plan"));
        output.line(
                output.json()
                        ? plan.body()
                        : dev.muster.cli.output.Printable.block(
                                        Output.text(plan.json().path("text")))
                                .stripTrailing());
    }
}
