package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.postgres.retention.WalExpiry;
import dev.muster.postgres.retention.WalExpiryPlan;
import dev.muster.postgres.retention.WalExpiryResult;
import dev.muster.postgres.retention.WalOrder;
import dev.muster.postgres.retention.WalPolicy;
import dev.muster.repository.Repository;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryPlan;
import dev.muster.repository.expiry.ExpiryResult;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.frames.Sha256;
import dev.muster.repository.retention.Reason;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo expire}. */
@Command(
        name = "expire",
        description = {
            "Takes away the backups of a source that no rule and no mark keeps, then the WAL that none needs.",
            "Shows its plan with every reason first, and asks. Exit code 1 if something of it has to wait."
        },
        mixinStandardHelpOptions = true)
final class ExpireRepo implements Callable<Integer> {
    private static final String POSTGRES = "postgres";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private RetentionOptions rules = new RetentionOptions();

    @Mixin
    private Consent consent = new Consent();

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Whose backups.")
    private String source = "";

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description =
                    "This one goes whatever the rules say, such as a damaged one; several times. A mark is stronger.")
    private Set<String> named = Set.of();

    @Option(
            names = "--at-most",
            paramLabel = "NUMBER",
            description = "Refuse a plan that takes more backups away (default: no limit).")
    private int most = Integer.MAX_VALUE;

    @Option(names = "--dry-run", description = "Show the plan and its hash; delete nothing.")
    private boolean dryRun;

    @Override
    public Integer call() {
        // For whichever kind the source is of: wrong rules are told before a store is asked.
        rules.policy(true, !named.isEmpty());
        if (most < 1) {
            throw Refusal.of("--at-most is 1 or more, not " + most + ".", "repo expire");
        }
        if (!dryRun) {
            consent.requireAnswerable();
        }
        try (Repository repository = options.open()) {
            boolean postgres = repository.backups(source, unreadable -> {}).stream()
                    .anyMatch(backup -> backup.summary().path("what").asText().equals(POSTGRES));
            return expire(repository, postgres);
        }
    }

    private int expire(Repository repository, boolean postgres) {
        RetentionPolicy policy = rules.policy(postgres, !named.isEmpty());
        Duration window = rules.window(postgres);
        // By timeline and position where there are some, else by id.
        ExpirySettings settings = ExpirySettings.defaults()
                .withOrder(new WalOrder())
                .withNamed(named)
                .withMaxBackups(most);
        Optional<WalExpiry> wal =
                postgres ? Optional.of(new WalExpiry(repository, source, WalPolicy.window(window))) : Optional.empty();
        Expiry expiry = new Expiry(repository, source, policy, settings);
        ExpiryPlan plan = expiry.plan();
        refuseNothing(repository, plan);
        Optional<WalExpiryPlan> walPlan = wal.map(one -> one.planAfter(Set.copyOf(plan.expired())));
        String hash = hash(plan, window);
        Output output = options.output(spec);
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("source", source).put("hash", hash);
        json.set("backups", plan.toJson());
        walPlan.ifPresent(one -> json.set("wal", one.toJson()));
        show(output, plan, walPlan, hash);
        refuseKept(plan);
        if (dryRun || !agreed(output, plan, walPlan, hash)) {
            output.line(output.json() ? json.put("applied", false).toString() : "Nothing was deleted.");
            return dryRun ? ExitCode.SUCCESS : ExitCode.NOT_APPROVED;
        }
        ExpiryResult result;
        Optional<WalExpiryResult> walResult;
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            result = expiry.apply(plan, line.deletions());
            // Looked at again: what stayed, against the plan, needs its WAL.
            walResult = wal.map(one -> one.apply(one.plan(), line::part));
        }
        boolean complete =
                result.complete() && walResult.map(ExpireRepo::complete).orElse(true);
        if (output.json()) {
            json.put("applied", true).put("complete", complete).set("result", json(result));
            walResult.ifPresent(done -> json.set("walResult", json(done)));
            output.line(json.toString());
        } else {
            tell(output, result, walResult);
        }
        return complete ? ExitCode.SUCCESS : ExitCode.FAILED;
    }

    private void refuseNothing(Repository repository, ExpiryPlan plan) {
        boolean nothing = plan.verdicts().isEmpty()
                && plan.cleaning().isEmpty()
                && plan.running().isEmpty();
        if (nothing) {
            throw new CliException(
                    "BACKUP_UNKNOWN",
                    "There is nothing of " + source + " in "
                            + repository.store().url() + ".",
                    "muster repo list shows which sources have backups.",
                    ExitCode.BAD_INPUT);
        }
    }

    /** Who names a backup wants it gone: that a mark keeps it must not look like success. */
    private void refuseKept(ExpiryPlan plan) {
        for (Verdict verdict : plan.verdicts()) {
            String id = verdict.backup().id();
            if (verdict.kept() && named.contains(id)) {
                throw new CliException(
                        "BACKUP_KEPT",
                        "The backup " + id + " was named, and stays: "
                                + verdict.reasons().stream().map(Reason::text).collect(Collectors.joining("; "))
                                + ". Nothing was deleted.",
                        "If it is to go all the same: muster repo unkeep " + id + " --source " + source + ".",
                        ExitCode.BAD_INPUT);
            }
        }
    }

    /** Of what is consented to: these backups go, and then all WAL from before that window that no other needs. */
    private static String hash(ExpiryPlan plan, Duration window) {
        String text = "muster repo expire 1\n" + plan.hash() + "\n" + window + "\n";
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static void show(Output output, ExpiryPlan plan, Optional<WalExpiryPlan> wal, String hash) {
        if (output.json()) {
            return;
        }
        plan.lines().forEach(line -> output.line(Printable.line(line)));
        wal.ifPresent(one -> one.lines().forEach(line -> output.line(Printable.line(line))));
        output.line("plan    " + hash);
    }

    private boolean agreed(Output output, ExpiryPlan plan, Optional<WalExpiryPlan> wal, String hash) {
        int backups = plan.expired().size();
        int objects = wal.map(one -> one.expired().size()).orElse(0);
        return consent.given(
                output,
                hash,
                "Delete " + Amount.count(backups, "backup", "backups") + " of " + source + " and "
                        + Amount.count(objects, "object", "objects") + " of WAL, for ever?");
    }

    private static boolean complete(WalExpiryResult result) {
        return result.locked().isEmpty()
                && result.doubts().isEmpty()
                && result.waitingFor().isEmpty();
    }

    private static ObjectNode json(ExpiryResult result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        list(json, "expired", result.expired());
        list(json, "aborted", result.aborted());
        list(json, "spared", result.spared());
        list(json, "locked", result.locked());
        ArrayNode waiting = json.putArray("waitingFor");
        result.waitingFor().forEach(one -> waiting.add(one.backup()));
        return json.put("objects", result.objects()).put("temporaryFiles", result.temporaryFiles());
    }

    private static ObjectNode json(WalExpiryResult result) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("objects", result.objects())
                .put("bytes", result.bytes());
        list(json, "locked", result.locked());
        list(json, "doubts", result.doubts());
        ArrayNode waiting = json.putArray("waitingFor");
        result.waitingFor().forEach(one -> waiting.add(one.backup()));
        return json;
    }

    private static void list(ObjectNode json, String name, List<String> values) {
        ArrayNode array = json.putArray(name);
        values.forEach(array::add);
    }

    private void tell(Output output, ExpiryResult result, Optional<WalExpiryResult> wal) {
        output.line("Expired " + Amount.count(result.expired().size(), "backup", "backups") + " of " + source + ": "
                + Amount.count(result.objects(), "object", "objects") + " deleted"
                + wal.map(done -> ", and " + Amount.count(done.objects(), "object", "objects") + " of WAL with "
                                + Amount.bytes(done.bytes()))
                        .orElse("")
                + ".");
        result.spared().forEach(id -> output.aside("Stays: " + id + " was marked meanwhile, or its COMMIT is locked."));
        result.waitingFor()
                .forEach(one -> output.aside("Waits for the backup " + one.backup() + " of " + one.writer()
                        + " to end: expire again then."));
        int locked =
                result.locked().size() + wal.map(done -> done.locked().size()).orElse(0);
        if (locked > 0) {
            output.aside("Cannot be deleted yet: " + Amount.count(locked, "object", "objects") + ", such as "
                    + (result.locked().isEmpty() ? wal.orElseThrow().locked() : result.locked()).get(0)
                    + ". Under a lock, or no permission: the next expiry tries again.");
        }
        wal.ifPresent(done -> done.doubts().forEach(doubt -> output.aside("WAL stays: " + doubt)));
    }
}
