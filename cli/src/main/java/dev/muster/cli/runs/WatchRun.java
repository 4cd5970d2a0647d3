package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster runs watch}. */
@Command(
        name = "watch",
        description = "Follows a run to its end; json prints one document per event. Ending this does not end the run.",
        mixinStandardHelpOptions = true)
final class WatchRun implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private RunId run = new RunId();

    @Mixin
    private WaitOptions wait = new WaitOptions();

    @Override
    public Integer call() throws InterruptedException {
        ApiClient api = options.connect();
        Output output = options.output(spec);
        RunProgress progress = output.json() ? RunProgress.events(output) : RunProgress.lines(output);
        JsonNode ended = new RunWatch(api, output, progress, run.value(), wait.limit()).follow();
        return output.json() ? RunWatch.exitCode(ended.path("run")) : WaitOptions.told(output, ended.path("run"));
    }
}
