package dev.muster.runbooks.plan;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Retention;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.observation.ExpiryObservation;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a plan does to stored backups, for people. */
final class StoreWork {
    /** A line of a plan's text. */
    record Line(String label, String value) {}

    private final List<Line> lines = new ArrayList<>();

    private StoreWork() {}

    static List<Line> of(Plan plan) {
        StoreWork work = new StoreWork();
        Runbook.Backup.Kind takes = plan.takes();
        if (takes != null && takes != Runbook.Backup.Kind.FULL) {
            work.add("Takes", kind(takes));
        }
        work.taking(plan.taking());
        work.verify(plan.verify());
        if (plan.replicate() != null) {
            plan.replicate().to().forEach(to -> work.add("Copies to", to.name() + ", " + to.store()));
        }
        if (plan.expire() != null) {
            work.expire(plan.expire());
        }
        return work.lines;
    }

    private static String kind(Runbook.Backup.Kind takes) {
        return switch (takes) {
            case FULL -> "a full backup";
            case INCREMENTAL -> "an incremental backup against the newest that suits; a full one where none does";
            case DIFFERENTIAL -> "a differential backup against the newest full one; a full one where none suits";
            case ARCHIVAL -> "a full backup for the archive: no later one refers to it";
        };
    }

    private void taking(@Nullable Taking taking) {
        if (taking == null) {
            return;
        }
        if (taking.readBytesPerSecond() != null) {
            add("Throttle", "reads at most " + Sizes.format(taking.readBytesPerSecond()) + " a second");
        }
        if (taking.waitSeconds() != null) {
            add(
                    "Meeting another",
                    taking.waitSeconds() == 0
                            ? "refused while another backup of the source is under way"
                            : "waits up to " + Durations.format(Duration.ofSeconds(taking.waitSeconds()))
                                    + " for another backup of the source, then it is refused");
        }
        Taking.Mark keep = taking.keep();
        if (keep != null) {
            add(
                    "Keeps it",
                    (keep.seconds() == null
                                    ? "until somebody takes the mark away"
                                    : "for " + Durations.format(Duration.ofSeconds(keep.seconds())))
                            + ": " + keep.why());
        }
    }

    private void verify(@Nullable Verifying verify) {
        if (verify == null) {
            return;
        }
        List<String> bounds = new ArrayList<>();
        if (verify.bytes() != null) {
            bounds.add(Sizes.format(verify.bytes()));
        }
        if (verify.seconds() != null) {
            bounds.add(Durations.format(Duration.ofSeconds(verify.seconds())));
        }
        add(
                "Levels",
                verify.levels().stream().map(Runbook.Verify.Level::id).collect(Collectors.joining(", "))
                        + (bounds.isEmpty() ? "" : "; of the content at most " + String.join(" or ", bounds)));
    }

    private void expire(Expiring expire) {
        Retention policy = expire.policy();
        add(
                "Keeps",
                "the " + policy.newest() + " newest; every point of the last "
                        + Durations.format(Duration.ofSeconds(policy.windowSeconds())) + "; " + rules(policy.rules())
                        + " (" + policy.timeZone() + ")");
        new TreeMap<>(policy.kinds()).forEach((kind, rules) -> add("Of " + kind, rules(rules)));
        ExpiryObservation seen = expire.backups();
        if (seen.going().isEmpty()) {
            add("Goes", "no backup");
        }
        for (ExpiryObservation.Going one : seen.going()) {
            String needed = one.neededBytes() == 0
                    ? ""
                    : ", " + Sizes.format(one.neededBytes()) + " of it stay for other backups";
            add(
                    "Goes",
                    one.backup() + ", " + one.kind() + " of " + one.committed().truncatedTo(ChronoUnit.SECONDS) + ": "
                            + one.why() + "; frees " + Sizes.format(one.bytes()) + needed);
        }
        for (ExpiryObservation.Cleaned one : seen.cleaned()) {
            add("Cleaned up", one.backup() + ", " + one.why() + ": " + Sizes.format(one.bytes()));
        }
        add("WAL", "what then neither a backup nor a point of the window needs goes too");
        for (ExpiryObservation.Staying one : seen.staying()) {
            add(
                    "Stays",
                    one.backup() + ", " + one.kind() + " of " + one.committed().truncatedTo(ChronoUnit.SECONDS) + ": "
                            + one.why());
        }
        if (seen.stayingMore() > 0) {
            add("Stay", seen.stayingMore() + " older ones");
        }
    }

    private static String rules(Retention.Rules rules) {
        List<String> parts = new ArrayList<>();
        count(parts, rules.last(), "the last ");
        if (rules.withinSeconds() > 0) {
            parts.add("all of " + Durations.format(Duration.ofSeconds(rules.withinSeconds())));
        }
        count(parts, rules.hourly(), "hourly ");
        count(parts, rules.daily(), "daily ");
        count(parts, rules.weekly(), "weekly ");
        count(parts, rules.monthly(), "monthly ");
        count(parts, rules.yearly(), "yearly ");
        return String.join(", ", parts);
    }

    private static void count(List<String> parts, int count, String rule) {
        if (count > 0) {
            parts.add(rule + count);
        }
    }

    /** What is touched; empty where this is not about stored backups. */
    static Optional<String> touched(Plan plan) {
        if (plan.verify() != null) {
            return Optional.of("nothing: the repository is only read");
        }
        if (plan.replicate() != null) {
            return Optional.of("the repositories that are copied to: objects are added");
        }
        return plan.expire() == null
                ? Optional.empty()
                : Optional.of("the repository " + plan.repository().name() + ": what is listed is deleted");
    }

    private void add(String label, String value) {
        lines.add(new Line(label, value));
    }
}
