package dev.muster.cli.systems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster points}: to which points can I go? */
@Command(
        name = "points",
        description = "Shows to which points a system's databases can be brought back.",
        mixinStandardHelpOptions = true)
public final class PointsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Parameters(index = "0", paramLabel = "SYSTEM", description = "The system's name.")
    private String system = "";

    @Override
    public Integer call() throws InterruptedException {
        Answer answer = options.connect().get(ApiClient.path("systems", system, "points"));
        Output output = options.output(spec);
        if (output.json()) {
            output.line(answer.body());
            return ExitCode.SUCCESS;
        }
        Table table = new Table(
                Table.Column.of("DATABASE").atLeast(8),
                Table.Column.of("FROM"),
                Table.Column.of("TO"),
                Table.Column.of("TIMELINE").toTheRight().optional(3),
                Table.Column.of("FROM LSN").optional(2),
                Table.Column.of("TO LSN").optional(2),
                Table.Column.of("NEWEST BACKUP").optional(1));
        for (JsonNode interval : answer.json().path("intervals")) {
            table.row(
                    Output.text(interval.path("database")),
                    known(output.times().withAge(interval.path("fromTime"))),
                    known(output.times().withAge(interval.path("toTime"))),
                    Output.text(interval.path("timeline")),
                    Output.text(interval.path("fromLsn")),
                    Output.text(interval.path("toLsn")),
                    Output.text(interval.path("backups").path(0)));
        }
        output.table(table, "There is no point that " + system + " is known to be recoverable to.");
        BackupsCommand.observed(output, answer.json().path("observed"), system);
        return ExitCode.SUCCESS;
    }

    private static String known(String time) {
        return time.isEmpty() ? "not known" : time;
    }
}
