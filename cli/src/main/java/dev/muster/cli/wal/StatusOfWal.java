package dev.muster.cli.wal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** {@code muster wal status}. */
@Command(
        name = "status",
        description = "Says what WAL of a source the repository has: from where to where, and how old the newest is.",
        mixinStandardHelpOptions = true)
final class StatusOfWal implements Callable<Integer> {
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
        if (output.json()) {
            output.line(json(inventory).toString());
            return ExitCode.SUCCESS;
        }
        Table table = new Table(
                Table.Column.of("CLUSTER"),
                Table.Column.of("TIMELINE").toTheRight(),
                Table.Column.of("FROM"),
                Table.Column.of("TO"),
                Table.Column.of("WAL").toTheRight().optional(1));
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            for (WalRange range : cluster.ranges()) {
                table.row(
                        cluster.systemId(),
                        Integer.toString(range.timeline()),
                        range.from().toString(),
                        range.to().toString(),
                        Amount.bytes(range.to().minus(range.from())));
            }
        }
        output.table(table, "There is no WAL of " + source + ".");
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            output.line("Cluster " + cluster.systemId() + ": "
                    + Amount.count(cluster.objects(), "object", "objects") + " with "
                    + Amount.bytes(cluster.storedBytes()) + " stored"
                    + cluster.newest()
                            .map(at -> ", the newest " + output.times().withAge(at))
                            .orElse("")
                    + "; " + Amount.count(cluster.gaps().size(), "gap", "gaps") + ".");
        }
        return ExitCode.SUCCESS;
    }

    static ObjectNode json(WalInventory inventory) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("source", inventory.source());
        ArrayNode clusters = json.putArray("clusters");
        for (WalInventory.Cluster cluster : inventory.clusters()) {
            ObjectNode one = clusters.addObject();
            one.put("systemId", cluster.systemId());
            one.put("segmentSize", cluster.segmentSize());
            one.put("objects", cluster.objects());
            one.put("storedBytes", cluster.storedBytes());
            cluster.newest().ifPresent(at -> one.put("newest", at.toString()));
            ranges(one.putArray("ranges"), cluster.ranges());
            ranges(one.putArray("gaps"), cluster.gaps());
        }
        return json;
    }

    private static void ranges(ArrayNode into, Iterable<WalRange> ranges) {
        for (WalRange range : ranges) {
            into.addObject()
                    .put("timeline", range.timeline())
                    .put("from", range.from().toString())
                    .put("to", range.to().toString());
        }
    }
}
