package dev.muster.runbooks.yaml;

import dev.muster.runbooks.ByteSizes;
import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Retention;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.Runbook.Backup.Kind;
import dev.muster.runbooks.Runbook.Verify.Level;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.SystemDescription;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What the runbooks mean that make backups and care for them, beyond what their schema says. */
final class StoreRunbooks {
    private StoreRunbooks() {}

    /** Tells every problem of the runbook alone that the schema cannot see. */
    static void check(Fields spec) {
        positive(spec.at("budget").at("time"));
        positive(spec.at("keep").at("for"));
        spec.at("keep")
                .at("why")
                .text()
                .filter(why -> !why.isEmpty() && (why.isBlank() || why.matches("(?s).*\\p{Cntrl}.*")))
                .ifPresent(why -> spec.at("keep")
                        .at("why")
                        .refuse("BAD_VALUE", "This says nothing.", "Write in one line why it is kept."));
        spec.at("wait")
                .text()
                .flatMap(Durations::parse)
                .filter(wait -> wait.compareTo(Runbook.Backup.LONGEST_WAIT) > 0)
                .ifPresent(wait -> spec.at("wait")
                        .refuse("BAD_VALUE", "A backup waits at most 12 h for another one.", "Write 0s to 12h."));
        checkBudget(spec);
        checkPolicy(spec.at("policy"));
    }

    private static void positive(Fields duration) {
        duration.text()
                .flatMap(Durations::parse)
                .filter(Duration::isZero)
                .ifPresent(zero ->
                        duration.refuse("BAD_VALUE", "No time at all.", "Write a duration above 0s, such as 1h."));
    }

    private static void checkBudget(Fields spec) {
        Fields levels = spec.at("levels");
        boolean content =
                levels.items().stream().anyMatch(level -> level.text().equals(Optional.of(Level.CONTENT.id())));
        if (spec.at("budget").written() && levels.isList() && !content) {
            spec.at("budget")
                    .refuseKey(
                            "BUDGET_WITHOUT_CONTENT",
                            "Only the level content has a budget, and it is not among the levels.",
                            "Add content to the levels, or take the budget out.");
        }
    }

    private static void checkPolicy(Fields policy) {
        if (!policy.written()) {
            return;
        }
        Fields window = policy.at("window");
        window.text()
                .flatMap(Durations::parse)
                .filter(length -> length.toSeconds() < Retention.SHORTEST_WINDOW)
                .ifPresent(length -> window.refuse(
                        "WINDOW_TOO_SHORT",
                        "A window of " + Durations.format(length) + " cannot be.",
                        "Write 1h or more; 7d where nothing else is known."));
        Fields zone = policy.at("timeZone");
        Set<String> zones = ZoneId.getAvailableZoneIds();
        zone.text()
                .filter(name -> !name.isEmpty() && !zones.contains(name))
                .ifPresent(name -> zone.refuse(
                        "UNKNOWN_TIME_ZONE",
                        "There is no time zone '" + CommonFields.shortened(name) + "'.",
                        Nearest.of(name, zones)
                                .map(nearest -> "Did you mean '" + nearest + "'?")
                                .orElse("Write a name of the IANA list, such as UTC or Europe/Berlin.")));
        boolean shared = rules(policy).keepNothing();
        if (shared) {
            policy.refuse(
                    "POLICY_KEEPS_NOTHING",
                    "No rule says which backups stay.",
                    "Add one or more of last, within, hourly, daily, weekly, monthly, yearly.");
        }
        for (Kind kind : Kind.values()) {
            Fields own = policy.at("kinds").at(kind.id());
            if (own.written() && rules(own).keepNothing()) {
                own.refuse(
                        "POLICY_KEEPS_NOTHING",
                        "No rule says which backups of this kind stay.",
                        "Give one of the counts a number above 0, or take the kind out.");
            }
        }
    }

    /** Tells where the runbook does not fit its system. */
    static void check(Fields spec, SystemDescription system, Optional<SystemDescription.Database> database) {
        Set<String> names = system.repositories().stream()
                .map(SystemDescription.RepositoryPlace::name)
                .collect(Collectors.toSet());
        CommonFields.known(spec.at("repository"), "repository", names);
        if (spec.at("scenario").text().equals(Optional.of(Scenario.REPLICATE.id()))
                && !spec.at("to").written()
                && names.size() == 1) {
            spec.refuse(
                    "NO_OTHER_REPOSITORY",
                    "The system " + system.name() + " has one repository only.",
                    "Add one to the system's spec.repositories: a store elsewhere.");
        }
        for (Fields to : spec.at("to").items()) {
            CommonFields.known(to, "repository", names);
            database.filter(known -> to.text().equals(Optional.of(known.repository())))
                    .ifPresent(known -> to.refuse(
                            "REPLICATE_TO_ITSELF",
                            "The backups of " + known.name() + " are in this repository.",
                            "Name another one of the system: a store elsewhere."));
        }
    }

    static Runbook.Backup backup(String name, Optional<String> system, Optional<String> database, Fields spec) {
        Kind wanted = spec.at("kind")
                .text()
                .flatMap(id -> Arrays.stream(Kind.values())
                        .filter(kind -> kind.id().equals(id))
                        .findFirst())
                .orElse(Kind.FULL);
        Fields keep = spec.at("keep");
        return new Runbook.Backup(
                name,
                system,
                database,
                wanted,
                spec.at("throttle").text().flatMap(ByteSizes::parse),
                duration(spec.at("wait")),
                keep.at("why").text().map(why -> new Runbook.Keep(why, duration(keep.at("for")))));
    }

    static Runbook.Verify verify(String name, Optional<String> system, Optional<String> database, Fields spec) {
        Set<Level> levels = EnumSet.noneOf(Level.class);
        for (Fields level : spec.at("levels").items()) {
            Arrays.stream(Level.values())
                    .filter(known -> level.text().equals(Optional.of(known.id())))
                    .forEach(levels::add);
        }
        Fields budget = spec.at("budget");
        return new Runbook.Verify(
                name,
                system,
                database,
                spec.at("repository").text(),
                levels.isEmpty() ? EnumSet.of(Level.INDEXES, Level.CONTENT) : levels,
                new Runbook.Verify.Budget(
                        budget.at("bytes").text().flatMap(ByteSizes::parse), duration(budget.at("time"))));
    }

    static Runbook.Replicate replicate(String name, Optional<String> system, Optional<String> database, Fields spec) {
        return new Runbook.Replicate(
                name,
                system,
                database,
                spec.at("to").items().stream().map(Fields::required).toList());
    }

    static Runbook.Expire expire(String name, Optional<String> system, Optional<String> database, Fields spec) {
        Fields approval = spec.at("approval");
        return new Runbook.Expire(
                name,
                system,
                database,
                spec.at("repository").text(),
                policy(spec.at("policy")),
                approval.written() ? Optional.of(RunbookReader.approval(approval)) : Optional.empty(),
                spec.at("atMost").whole().map(Long::intValue).orElse(Runbook.Expire.DEFAULT_AT_MOST));
    }

    private static Retention policy(Fields policy) {
        Map<String, Retention.Rules> kinds = new LinkedHashMap<>();
        for (Kind kind : Kind.values()) {
            Fields own = policy.at("kinds").at(kind.id());
            if (own.written()) {
                kinds.put(kind.id(), rules(own));
            }
        }
        return new Retention(
                policy.at("newest").whole().map(Long::intValue).orElse(Retention.DEFAULT_NEWEST),
                duration(policy.at("window")).map(Duration::toSeconds).orElse(Retention.DEFAULT_WINDOW),
                policy.at("timeZone").text().orElse("UTC"),
                rules(policy),
                kinds);
    }

    /** A count of the wrong type counts as none: the schema has told it. */
    private static Retention.Rules rules(Fields rules) {
        return new Retention.Rules(
                count(rules, "last"),
                duration(rules.at("within")).map(Duration::toSeconds).orElse(0L),
                count(rules, "hourly"),
                count(rules, "daily"),
                count(rules, "weekly"),
                count(rules, "monthly"),
                count(rules, "yearly"));
    }

    private static int count(Fields rules, String name) {
        return (int)
                Math.max(0, Math.min(Integer.MAX_VALUE, rules.at(name).whole().orElse(0L)));
    }

    private static Optional<Duration> duration(Fields duration) {
        return duration.text().flatMap(Durations::parse);
    }
}
