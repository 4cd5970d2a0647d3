package dev.muster.cli.runs;

import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster runs plan}. */
@Command(
        name = "plan",
        description = "Shows the plan that a run waits with or was carried out by.",
        mixinStandardHelpOptions = true)
final class ShowPlan implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private RunId run = new RunId();

    @Override
    public Integer call() throws InterruptedException {
        Answer answer = options.connect().get(ApiClient.path("runs", run.value(), "plan"));
        Output output = options.output(spec);
        output.line(
                output.json()
                        ? answer.body()
                        : Printable.block(Output.text(answer.json().path("text")))
                                .stripTrailing());
        return ExitCode.SUCCESS;
    }
}
