package dev.muster.runbooks.yaml;

import dev.muster.runbooks.BackupChoice;
import dev.muster.runbooks.Durations;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.Target;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.steps.StepType;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a {@code kind: Runbook} document means, beyond what its schema says. */
final class RunbookReader {
    private static final List<String> POINTS = List.of("lastGoodPoint", "time", "lsn", "xid", "name", "latest");
    private static final Set<String> WITH_INCLUSIVE = Set.of("time", "lsn", "xid");
    private static final String NEWEST = "newest";

    private RunbookReader() {}

    /** Tells every problem of the runbook alone that the schema cannot see. */
    static void check(Fields runbook) {
        Fields spec = runbook.at("spec");
        CommonFields.objectives(spec.at("objectives"));
        checkTarget(spec.at("target"));
        checkVerify(spec.at("verify"));
        checkApproval(spec.at("approval").at("expires"));
        checkOutcome(spec);
        StoreRunbooks.check(spec);
    }

    private static void checkTarget(Fields target) {
        List<String> written =
                POINTS.stream().filter(name -> target.at(name).written()).toList();
        if (written.isEmpty() && target.at("inclusive").written()) {
            target.refuse(
                    "TARGET_UNCLEAR", "The target names no point.", "Add one of " + String.join(", ", POINTS) + ".");
        } else if (written.size() > 1) {
            target.refuse(
                    "TARGET_UNCLEAR",
                    "The target names several points: " + String.join(", ", written) + ".",
                    "Write one of them.");
        } else if (written.size() == 1
                && target.at("inclusive").written()
                && !WITH_INCLUSIVE.contains(written.get(0))) {
            target.at("inclusive")
                    .refuseKey(
                            "TARGET_UNCLEAR",
                            "'inclusive' means nothing for " + written.get(0) + ".",
                            "Take it out; it goes with time, lsn and xid.");
        }
        CommonFields.time(target.at("time"));
        Fields lastGood = target.at("lastGoodPoint");
        Optional<Instant> after = CommonFields.time(lastGood.at("after"));
        Optional<Instant> before = CommonFields.time(lastGood.at("before"));
        if (after.isPresent() && before.isPresent() && !after.get().isBefore(before.get())) {
            lastGood.at("before").refuse("TARGET_UNCLEAR", "'before' is not later than 'after'.", "Swap them?");
        }
        target.at("name")
                .text()
                .filter(name -> !name.isEmpty() && !RecoveryPoint.Named.possible(name))
                .ifPresent(name -> target.at("name")
                        .refuse(
                                "BAD_VALUE",
                                "A restore point's name has at most 63 bytes.",
                                "Write the name as it was made."));
    }

    private static void checkVerify(Fields verify) {
        Set<String> seen = new HashSet<>();
        for (Fields step : verify.items()) {
            String id = step.at("step").text().orElse("");
            if (!id.isEmpty() && !seen.add(id)) {
                step.at("step").refuse("DUPLICATE_STEP", "The step stands twice.", "Take one out.");
            }
            StepType.of(id)
                    .filter(type ->
                            step.at("checks").written() && !type.parameters().contains("checks"))
                    .ifPresent(type -> step.at("checks")
                            .refuseKey(
                                    "UNKNOWN_FIELD",
                                    "The step " + type.id() + " has no such field.",
                                    "It goes with " + StepType.SYSTEM_CHECKS.id() + "."));
        }
    }

    private static void checkApproval(Fields expires) {
        expires.text()
                .flatMap(Durations::parse)
                .filter(value ->
                        value.compareTo(Runbook.Approval.SHORTEST) < 0 || value.compareTo(Runbook.Approval.LONGEST) > 0)
                .ifPresent(value -> expires.refuse(
                        "APPROVAL_EXPIRY_IMPOSSIBLE",
                        "An approval cannot expire after " + Durations.format(value) + ".",
                        "Write a duration from 1m to 7d."));
    }

    private static void checkOutcome(Fields spec) {
        String outcome = spec.at("outcome").text().orElse("");
        Fields copy = spec.at("afterwards").at("copy");
        if (outcome.equals(Runbook.Outcome.KEEP_COPY.id())
                && copy.text().equals(Optional.of(Runbook.Afterwards.REMOVE.id()))) {
            copy.refuse(
                    "OUTCOME_CONTRADICTED",
                    "The outcome is the copy, and afterwards it is removed.",
                    "Write afterwards: {copy: keep}, or another outcome.");
        }
        if (outcome.equals(Runbook.Outcome.RETURN_ROWS.id())
                && spec.at("target").written()
                && !spec.at("target").at("lastGoodPoint").written()) {
            spec.at("outcome")
                    .refuse(
                            "OUTCOME_NEEDS_LAST_GOOD_POINT",
                            "Rows can be returned only when the transaction that deleted them is known.",
                            "Write target: {lastGoodPoint: {xid: ...}}, or outcome: keep-copy.");
        }
    }

    /** Tells where the runbook does not fit its system. */
    static void check(Fields runbook, SystemDescription system) {
        Fields spec = runbook.at("spec");
        Set<String> databases = system.databases().stream()
                .map(SystemDescription.Database::name)
                .collect(Collectors.toSet());
        CommonFields.known(spec.at("database"), "database", databases);
        Optional<SystemDescription.Database> database = spec.at("database").written()
                ? spec.at("database").text().flatMap(system::database)
                : system.databases().stream().findFirst().filter(only -> databases.size() == 1);
        if (!spec.at("database").written() && database.isEmpty()) {
            spec.refuse(
                    "DATABASE_AMBIGUOUS",
                    "The system " + system.name() + " has " + databases.size() + " databases.",
                    "Write 'database': one of "
                            + String.join(", ", databases.stream().sorted().toList()) + ".");
        }
        database.ifPresent(known -> checkCopy(spec.at("copy"), known));
        checkChecks(spec.at("verify"), system, database);
        StoreRunbooks.check(spec, system, database);
    }

    private static void checkCopy(Fields copy, SystemDescription.Database database) {
        copy.at("directory").text().ifPresent(directory -> {
            String wanted = directory.replaceAll("/+$", "") + "/";
            String live = database.dataDirectory().replaceAll("/+$", "") + "/";
            if (wanted.startsWith(live) || live.startsWith(wanted)) {
                copy.at("directory")
                        .refuse(
                                "COPY_IN_DATA_DIRECTORY",
                                "The copy would lie in the live database's data directory, or around it.",
                                "Write a directory of its own, on a disk with room.");
            }
        });
        copy.at("port")
                .whole()
                .filter(port -> port == database.connection().port())
                .ifPresent(port -> copy.at("port")
                        .refuse(
                                "COPY_PORT_TAKEN",
                                "The live database has the port " + port + ".",
                                "Write another, or leave it to the host worker."));
    }

    private static void checkChecks(
            Fields verify, SystemDescription system, Optional<SystemDescription.Database> database) {
        Set<String> names =
                system.checks().stream().map(SystemDescription.Check::name).collect(Collectors.toSet());
        for (Fields step : verify.items()) {
            for (Fields check : step.at("checks").items()) {
                CommonFields.known(check, "check", names);
                system.checks().stream()
                        .filter(known -> check.text().equals(Optional.of(known.name())))
                        .filter(known -> known instanceof SystemDescription.Check.Sql sql
                                && database.isPresent()
                                && !sql.database().equals(database.get().name()))
                        .forEach(known -> check.refuse(
                                "CHECK_OF_OTHER_DATABASE",
                                "This check is for another database, of which the run has no copy.",
                                "Take it out."));
            }
        }
    }

    /** The runbook, of a document without problems. */
    static Runbook read(Fields runbook) {
        Fields spec = runbook.at("spec");
        String name = runbook.at("metadata").at("name").required();
        Optional<String> system = spec.at("system").text();
        Optional<String> database = spec.at("database").text();
        return switch (Scenario.of(spec.at("scenario").required())) {
            case BACKUP -> StoreRunbooks.backup(name, system, database, spec);
            case VERIFY -> StoreRunbooks.verify(name, system, database, spec);
            case REPLICATE -> StoreRunbooks.replicate(name, system, database, spec);
            case EXPIRE -> StoreRunbooks.expire(name, system, database, spec);
            case RESTORE_TEST ->
                new Runbook.RestoreTest(
                        name,
                        system,
                        database,
                        backup(spec.at("backup")),
                        copy(spec.at("copy")),
                        verify(spec.at("verify")),
                        CommonFields.objectives(spec.at("objectives")));
            case POINT_IN_TIME_RECOVERY -> {
                Runbook.Outcome outcome = outcome(spec.at("outcome"));
                yield new Runbook.PointInTimeRecovery(
                        name,
                        system,
                        database,
                        backup(spec.at("backup")),
                        target(spec.at("target")),
                        copy(spec.at("copy")),
                        approval(spec.at("approval")),
                        verify(spec.at("verify")),
                        outcome,
                        afterwards(spec.at("afterwards").at("copy"), outcome),
                        CommonFields.objectives(spec.at("objectives")));
            }
        };
    }

    private static BackupChoice backup(Fields choice) {
        return choice.text()
                .filter(text -> !text.equals(NEWEST))
                .<BackupChoice>map(BackupChoice.ById::new)
                .orElseGet(BackupChoice.Newest::new);
    }

    private static Runbook.CopyPlace copy(Fields copy) {
        return new Runbook.CopyPlace(
                copy.at("directory").text(), copy.at("port").whole().map(Long::intValue));
    }

    private static List<Runbook.VerifyStep> verify(Fields verify) {
        return verify.items().stream()
                .map(step -> new Runbook.VerifyStep(
                        StepType.of(step.at("step").required()).orElseThrow(),
                        step.at("checks").items().stream().map(Fields::required).toList()))
                .toList();
    }

    static Runbook.Approval approval(Fields approval) {
        Duration expires =
                approval.at("expires").text().flatMap(Durations::parse).orElse(Runbook.Approval.DEFAULT.expires());
        return new Runbook.Approval(approval.at("role").text().orElse(Runbook.Approval.DEFAULT.role()), expires);
    }

    private static Runbook.Outcome outcome(Fields outcome) {
        return outcome.required().equals(Runbook.Outcome.RETURN_ROWS.id())
                ? Runbook.Outcome.RETURN_ROWS
                : Runbook.Outcome.KEEP_COPY;
    }

    private static Runbook.Afterwards afterwards(Fields copy, Runbook.Outcome outcome) {
        boolean keep = copy.text()
                .map(text -> text.equals(Runbook.Afterwards.KEEP.id()))
                .orElse(outcome == Runbook.Outcome.KEEP_COPY);
        return keep ? Runbook.Afterwards.KEEP : Runbook.Afterwards.REMOVE;
    }

    private static Target target(Fields target) {
        if (target.at("lastGoodPoint").written()) {
            Fields filters = target.at("lastGoodPoint");
            return new Target.LastGoodPoint(
                    CommonFields.time(filters.at("after")),
                    CommonFields.time(filters.at("before")),
                    filters.at("xid").whole());
        }
        boolean inclusive = target.at("inclusive").flag().orElse(true);
        Optional<RecoveryPoint> point = CommonFields.time(target.at("time"))
                .<RecoveryPoint>map(time -> new RecoveryPoint.Time(time, inclusive))
                .or(() -> target.at("lsn")
                        .text()
                        .map(lsn -> new RecoveryPoint.Position(WalPosition.parse(lsn), inclusive)))
                .or(() -> target.at("xid").whole().map(xid -> new RecoveryPoint.Transaction(xid, inclusive)))
                .or(() -> target.at("name").text().map(RecoveryPoint.Named::new));
        return new Target.Fixed(point.orElseGet(RecoveryPoint.Latest::new));
    }
}
