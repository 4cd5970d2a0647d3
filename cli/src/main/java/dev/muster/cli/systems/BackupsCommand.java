package dev.muster.cli.systems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster backups}: what lies in the stores. */
@Command(
        name = "backups",
        description = "Shows what lies in the stores.",
        mixinStandardHelpOptions = true,
        subcommands = {BackupsCommand.ListAll.class, BackupsCommand.Show.class, HelpCommand.class})
public final class BackupsCommand {
    /** Shows a system's. */
    @Command(
            name = "list",
            description = "Lists a system's backups, as the stores were when they were last looked into.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Parameters(index = "0", paramLabel = "SYSTEM", description = "The system's name.")
        private String system = "";

        @Option(
                names = "--refresh",
                description = "Have the stores looked into as well; what is shown is from before that.")
        private boolean refresh;

        @Override
        public Integer call() throws InterruptedException {
            ApiClient api = options.connect();
            Output output = options.output(spec);
            Answer answer = api.get(ApiClient.path("systems", system, "backups"));
            if (refresh) {
                Answer begun = api.post(ApiClient.path("systems", system, "index"), ApiClient.object());
                output.aside("The stores are being looked into ("
                        + Output.text(begun.json().path("workflowId")) + "); ask again in a moment.");
            }
            if (output.json()) {
                output.line(answer.body());
                return ExitCode.SUCCESS;
            }
            Table table = new Table(
                    Table.Column.of("ID"),
                    Table.Column.of("DATABASE").atLeast(8),
                    Table.Column.of("KIND"),
                    Table.Column.of("CONSISTENT AT"),
                    Table.Column.of("IN").atLeast(8),
                    Table.Column.of("PROVED").atLeast(8),
                    Table.Column.of("SIZE").toTheRight().optional(1),
                    Table.Column.of("TIMELINE").toTheRight().optional(2),
                    Table.Column.of("LSN").optional(3));
            for (JsonNode backup : answer.json().path("backups")) {
                table.row(
                        Output.text(backup.path("id")),
                        Output.text(backup.path("database")),
                        Output.text(backup.path("kind")),
                        output.times().withAge(backup.path("stopTime")),
                        BackupCopies.places(backup.path("copies")),
                        BackupCopies.proved(backup.path("copies"), output.times()),
                        size(backup.path("bytes").asLong()),
                        Output.text(backup.path("timeline")),
                        Output.text(backup.path("stopLsn")));
            }
            output.table(table, "No backups of " + system + " are known.");
            observed(output, answer.json().path("observed"), system);
            return ExitCode.SUCCESS;
        }
    }

    /** Shows one. */
    @Command(
            name = "show",
            description = "Shows where a backup is, what keeps it, and what was proved of it there.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private ApiOptions options = new ApiOptions();

        @Parameters(index = "0", paramLabel = "SYSTEM", description = "The system's name.")
        private String system = "";

        @Parameters(index = "1", paramLabel = "BACKUP", description = "The backup's id.")
        private String backup = "";

        @Override
        public Integer call() throws InterruptedException {
            Answer answer = options.connect().get(ApiClient.path("systems", system, "backups", backup));
            Output output = options.output(spec);
            if (output.json()) {
                output.line(answer.body());
            } else {
                BackupCopies.show(answer.json(), output);
            }
            return ExitCode.SUCCESS;
        }
    }

    /** How old what is shown is: a list that nobody knows the age of is worth little. */
    static void observed(Output output, JsonNode observations, String system) {
        if (observations.isEmpty()) {
            output.aside("The stores of " + system
                    + " were not looked into yet. A backup does; so does: muster backups list --refresh " + system);
        }
        for (JsonNode each : observations) {
            String end = output.times().withAge(each.path("walEndTime"));
            output.aside("Store of " + Output.text(each.path("database")) + " looked into at "
                    + output.times().withAge(each.path("observedAt"))
                    + (end.isEmpty() ? "." : "; newest commit in its WAL " + end + "."));
        }
    }

    /** In powers of 1000, as plans have it. */
    static String size(long bytes) {
        double amount = bytes;
        for (String unit : List.of("B", "kB", "MB", "GB")) {
            if (amount < 999.5) {
                return String.format(
                        Locale.ROOT, amount < 10 && !unit.equals("B") ? "%.1f %s" : "%.0f %s", amount, unit);
            }
            amount /= 1000;
        }
        return String.format(Locale.ROOT, amount < 10 ? "%.1f TB" : "%.0f TB", amount);
    }
}
