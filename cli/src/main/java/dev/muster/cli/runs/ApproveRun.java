package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster runs approve}: shows the plan that a run waits with, asks, and approves exactly that plan. */
@Command(
        name = "approve",
        description = "Shows the plan that a run waits with and, after a yes, approves exactly that plan.",
        mixinStandardHelpOptions = true)
final class ApproveRun implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Mixin
    private RunId run = new RunId();

    @Option(
            names = "--plan",
            paramLabel = "HASH",
            description = "Approve only if the plan has this hash: for whoever has read it elsewhere.")
    private @Nullable String expectedPlan;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--loss-ceiling",
            paramLabel = "SECONDS",
            description =
                    "The most loss of data that is accepted, in seconds of commits (default: what the plan shows).")
    private @Nullable Long ceiling;

    @Option(names = "--accept-unknown-loss", description = "Approve although the plan cannot tell the loss of data.")
    private boolean acceptUnknownLoss;

    @Option(names = "--comment", paramLabel = "TEXT", description = "Is signed with the approval.")
    private @Nullable String comment;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ApiClient api = options.connect();
        Output output = options.output(spec);
        String id = run.value();
        JsonNode shown = api.get(ApiClient.path("runs", id)).json().path("run");
        JsonNode waiting = waiting(id, shown);
        JsonNode plan = api.get(ApiClient.path("runs", id, "plan")).json();
        String hash = Output.text(plan.path("planHash"));
        if (expectedPlan != null && !expectedPlan.equals(hash)) {
            throw new CliException(
                    "APPROVAL_OTHER_PLAN",
                    "The run's plan is " + hash + ", not " + expectedPlan + ".",
                    "Read the new plan before you approve it: muster runs plan " + id,
                    ExitCode.NOT_APPROVED);
        }
        ObjectNode body = ApiClient.object().put("planHash", hash);
        String loss = loss(waiting, body);
        if (comment != null) {
            body.put("comment", comment);
        }
        output.progress(Printable.block(Output.text(plan.path("text"))).stripTrailing());
        if (!yes && !confirmed(api, output, loss)) {
            output.aside("Not approved; the run goes on waiting.");
            return ExitCode.NOT_APPROVED;
        }
        Answer answer = api.post(ApiClient.path("runs", id, "approvals"), body);
        output.line(
                output.json()
                        ? answer.body()
                        : Output.text(answer.json().path("code")) + ": "
                                + Printable.line(Output.text(answer.json().path("message"))));
        return ExitCode.SUCCESS;
    }

    private static JsonNode waiting(String id, JsonNode shown) {
        JsonNode waiting = shown.path("waiting");
        if (!waiting.isObject()) {
            throw new CliException(
                    "NOT_WAITING",
                    "The run does not wait for an approval now; its state is " + RunTable.state(shown) + ".",
                    "muster runs show " + id + " says where it is.",
                    ExitCode.NOT_APPROVED);
        }
        if (!shown.path("live").asBoolean()) {
            throw new CliException(
                    "TEMPORAL_UNREACHABLE",
                    "The run does not answer just now, so what it waits with is not known for certain.",
                    "Try again in a moment; muster status tells how the API is.",
                    ExitCode.UNREACHABLE);
        }
        return waiting;
    }

    /** Puts the ceiling into the request and says in words what is accepted. */
    private String loss(JsonNode waiting, ObjectNode body) {
        JsonNode shown = waiting.path("lossSeconds");
        if (!shown.isIntegralNumber() && !acceptUnknownLoss) {
            throw new CliException(
                    "APPROVAL_LOSS_ABOVE_CEILING",
                    "The plan cannot tell how much data would be lost.",
                    "Read it: muster runs plan. If that is accepted: --accept-unknown-loss.",
                    ExitCode.NOT_APPROVED);
        }
        Long given = ceiling;
        long accepted = given == null ? shown.asLong() : given;
        body.put("lossCeilingSeconds", accepted);
        if (acceptUnknownLoss) {
            body.put("acceptUnknownLoss", true);
        }
        return acceptUnknownLoss
                ? "a loss of data that is not known"
                : "a loss of at most " + accepted + " s of commits";
    }

    private static boolean confirmed(ApiClient api, Output output, String loss)
            throws IOException, InterruptedException {
        String subject = Output.text(api.get(ApiClient.path("me")).json().path("subject"));
        output.aside("Approve this plan as " + Printable.line(subject) + ", with " + loss + "? [y/N] ");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String answer = in.readLine();
        return answer != null && answer.strip().equalsIgnoreCase("y");
    }
}
