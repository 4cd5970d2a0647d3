package dev.muster.cli.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.client.PageOptions;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code muster refusals}: who was refused what. */
@Command(
        name = "refusals",
        description = "Shows who was refused what by the API.",
        mixinStandardHelpOptions = true,
        subcommands = {RefusalsCommand.ListAll.class, HelpCommand.class})
public final class RefusalsCommand {
    /** Shows them, newest first. */
    @Command(name = "list", description = "Lists refusals, newest first.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Mixin
        private PageOptions page = new PageOptions();

        @Override
        public Integer call() throws InterruptedException {
            Answer answer = options.connect().get(ApiClient.path("refusals"), page.query());
            Output output = options.output(spec);
            if (output.json()) {
                output.line(answer.body());
                return ExitCode.SUCCESS;
            }
            Table table = new Table(
                    Table.Column.of("AT"),
                    Table.Column.of("WHO").atLeast(8),
                    Table.Column.of("CODE"),
                    Table.Column.of("ACTION").atLeast(16).optional(1),
                    Table.Column.of("MESSAGE").atLeast(20).optional(2));
            for (JsonNode refusal : answer.json().path("refusals")) {
                String who = Output.text(refusal.path("who"));
                table.row(
                        output.times().withAge(refusal.path("at")),
                        who.isEmpty() ? "(nobody known)" : who,
                        Output.text(refusal.path("code")),
                        Output.text(refusal.path("action")),
                        Output.text(refusal.path("message")));
            }
            output.table(table, "Nothing was refused.");
            page.next(output, answer.json());
            return ExitCode.SUCCESS;
        }
    }
}
