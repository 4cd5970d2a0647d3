package dev.muster.cli.wal;

import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.cli.repo.Amount;
import dev.muster.postgres.wal.WalInventory;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.Repository;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster wal gaps}. */
@Command(
        name = "gaps",
        description = {
            "Says where the stored WAL of a source is interrupted; exit code 1 if it is.",
            "A backup from before a gap cannot be recovered beyond it."
        },
        mixinStandardHelpOptions = true)
final class GapsInWal implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Its name in the repository.")
    private String source = "";

    @Override
    public Integer call() {
        WalInventory inventory;
        try (Repository repository = options.open()) {
            inventory = WalInventory.of(repository, source);
        }
        Output output = options.output(spec);
        Table table = new Table(
                Table.Column.of("CLUSTER"),
                Table.Column.of("TIMELINE").toTheRight(),
                Table.Column.of("MISSING FROM"),
                Table.Column.of("TO"),
                Table.Column.of("WAL").toTheRight().optional(1),
                Table.Column.of("CONCERNS"));
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            for (WalRange gap : cluster.gaps()) {
                table.row(
                        cluster.systemId(),
                        Integer.toString(gap.timeline()),
                        gap.from().toString(),
                        gap.to().toString(),
                        Amount.bytes(gap.to().minus(gap.from())),
                        concerns(cluster, gap));
            }
        }
        if (output.json()) {
            output.line(StatusOfWal.json(inventory).toString());
        } else {
            output.table(
                    table,
                    inventory.clusters().isEmpty()
                            ? "There is no WAL of " + source + "."
                            : "The stored WAL of " + source + " has no gap.");
            inventory.clusters().forEach(cluster -> StatusOfWal.strangers(output, cluster));
        }
        if (table.isEmpty()
                && inventory.clusters().stream().allMatch(one -> one.strangers().isEmpty())) {
            return ExitCode.SUCCESS;
        }
        output.aside(
                "muster restore --list-points --source " + source + " says how far each backup can still go. Only a"
                        + " backup made after a gap can be recovered beyond it.");
        return ExitCode.FAILED;
    }

    /** So that nobody grieves for WAL of a branch that was given up. */
    private static String concerns(WalInventory.Cluster cluster, WalRange gap) {
        int newest = cluster.newestTimeline();
        if (cluster.onTheWay(gap)) {
            return "the way to the newest, timeline " + newest;
        }
        return "only timeline " + gap.timeline()
                + cluster.leftBy(gap)
                        .map(fork -> ", which timeline " + newest + " left at " + fork.at())
                        .orElse(", not timeline " + newest);
    }
}
