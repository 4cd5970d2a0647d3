package dev.muster.repository.retention;

import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalField;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Decides which backups are kept. What is newer than what is said by their order alone. Times are of many clocks: one
 * that goes back in the order is taken for the latest before it, one in the future for now, so that a wrong clock keeps
 * more and never less.
 */
public final class RetentionPlanner {
    private final RetentionPolicy policy;
    private final List<Candidate> newestFirst;
    private final Map<String, Instant> times = new LinkedHashMap<>();
    private final Map<String, List<Reason>> reasons = new LinkedHashMap<>();
    private final Instant now;

    private RetentionPlanner(RetentionPolicy policy, List<Candidate> oldestFirst, Instant now) {
        this.policy = policy;
        this.now = now;
        List<Candidate> reversed = new ArrayList<>(oldestFirst);
        Collections.reverse(reversed);
        this.newestFirst = List.copyOf(reversed);
        Instant latest = Instant.MIN;
        for (Candidate candidate : oldestFirst) {
            CommittedBackup backup = candidate.backup();
            reasons.put(backup.id(), new ArrayList<>());
            if (backup.committed().isAfter(now)) {
                times.put(backup.id(), now);
            } else {
                latest = latest.isAfter(backup.committed()) ? latest : backup.committed();
                times.put(backup.id(), latest);
            }
        }
    }

    /**
     * @param oldestFirst all committed backups of one source, in their order
     * @return one verdict for each, in the same order
     */
    public static List<Verdict> plan(RetentionPolicy policy, List<Candidate> oldestFirst, Instant now) {
        return new RetentionPlanner(policy, oldestFirst, now).verdicts(oldestFirst);
    }

    private List<Verdict> verdicts(List<Candidate> oldestFirst) {
        List<Candidate> counted =
                newestFirst.stream().filter(candidate -> !candidate.named()).toList();
        for (int i = 0; i < counted.size() && i < policy.newest(); i++) {
            keep(counted.get(i), Reason.Code.NEWEST, "it is one of the newest " + policy.newest());
        }
        judge(
                counted.stream()
                        .filter(one -> !policy.byKind().containsKey(kind(one)))
                        .toList(),
                policy.rules(),
                "");
        policy.byKind()
                .forEach((kind, rules) ->
                        judge(counted.stream().filter(one -> kind(one) == kind).toList(), rules, kind.label() + " "));
        window(counted);
        oldestFirst.forEach(this::marks);
        List<Verdict> verdicts = new ArrayList<>();
        for (Candidate candidate : oldestFirst) {
            List<Reason> why = reasonsOf(candidate);
            boolean kept = !why.isEmpty();
            verdicts.add(new Verdict(candidate.backup(), kept, kept ? why : List.of(expired(candidate))));
        }
        return List.copyOf(verdicts);
    }

    private void judge(List<Candidate> backups, RetentionRules rules, String kind) {
        for (int i = 0; i < backups.size() && i < rules.last(); i++) {
            keep(backups.get(i), Reason.Code.LAST, "it is one of the last " + rules.last() + " " + kind + "backups");
        }
        for (Candidate backup : backups) {
            Duration age = Duration.between(time(backup), now);
            if (!rules.within().isZero() && age.compareTo(rules.within()) <= 0) {
                keep(
                        backup,
                        Reason.Code.WITHIN,
                        "it is " + text(age) + " old; " + kind + "backups are kept for " + text(rules.within()));
                future(backup);
            }
        }
        periods(backups, rules.hourly(), Reason.Code.HOURLY, kind + "hour", time -> time.truncatedTo(ChronoUnit.HOURS));
        periods(backups, rules.daily(), Reason.Code.DAILY, kind + "day", OffsetDateTime::toLocalDate);
        periods(
                backups,
                rules.weekly(),
                Reason.Code.WEEKLY,
                kind + "week",
                time -> List.of(
                        number(time, IsoFields.WEEK_BASED_YEAR), number(time, IsoFields.WEEK_OF_WEEK_BASED_YEAR)));
        periods(backups, rules.monthly(), Reason.Code.MONTHLY, kind + "month", YearMonth::from);
        periods(backups, rules.yearly(), Reason.Code.YEARLY, kind + "year", OffsetDateTime::getYear);
    }

    private static int number(OffsetDateTime time, TemporalField field) {
        return time.get(field);
    }

    /** An hour keeps its offset, so that the hour that a clock goes through twice in autumn is two. */
    private void periods(
            List<Candidate> backups,
            int count,
            Reason.Code code,
            String name,
            Function<OffsetDateTime, Object> period) {
        Set<Object> seen = new HashSet<>();
        for (Candidate backup : backups) {
            Object of = period.apply(time(backup).atZone(policy.zone()).toOffsetDateTime());
            if (seen.size() < count && seen.add(of)) {
                keep(backup, code, "it is the newest of its " + name + "; " + count + " are kept");
            }
        }
    }

    /** The newest backup before the window: without it, its first part cannot be recovered to. */
    private void window(List<Candidate> counted) {
        if (policy.window().isZero() || counted.isEmpty()) {
            return;
        }
        Instant begin = now.minus(policy.window());
        Candidate anchor = counted.stream()
                .filter(candidate -> !time(candidate).isAfter(begin))
                .findFirst()
                .orElse(counted.get(counted.size() - 1));
        keep(anchor, Reason.Code.WINDOW, "recovery to points of the last " + text(policy.window()) + " begins with it");
    }

    private void marks(Candidate candidate) {
        for (KeepMark mark : candidate.marks()) {
            if (mark.holds(now)) {
                String until = mark.until() == null ? "" : " until " + mark.until();
                keep(candidate, Reason.Code.MARK, mark.by() + " keeps it" + until + ": " + mark.why());
            }
        }
    }

    private void future(Candidate candidate) {
        if (candidate.backup().committed().isAfter(now)) {
            keep(
                    candidate,
                    Reason.Code.TIME_IN_FUTURE,
                    "its time, " + candidate.backup().committed() + ", is still to come: a clock is wrong");
        }
    }

    private Reason expired(Candidate candidate) {
        if (candidate.named()) {
            return new Reason(Reason.Code.NAMED, "it was named");
        }
        String ended = candidate.marks().isEmpty() ? "" : ", and its mark has ended";
        String age = text(Duration.between(time(candidate), now));
        return new Reason(Reason.Code.NO_RULE, "no rule wants it at an age of " + age + ended);
    }

    private void keep(Candidate candidate, Reason.Code code, String text) {
        reasonsOf(candidate).add(new Reason(code, text));
    }

    private List<Reason> reasonsOf(Candidate candidate) {
        return reasons.computeIfAbsent(candidate.backup().id(), any -> new ArrayList<>());
    }

    private Instant time(Candidate candidate) {
        return times.getOrDefault(candidate.backup().id(), now);
    }

    private static BackupKind kind(Candidate candidate) {
        return candidate.backup().kind();
    }

    private static String text(Duration duration) {
        List<String> parts = new ArrayList<>();
        Map<String, Long> units = new LinkedHashMap<>();
        units.put("d", duration.toDays());
        units.put("h", (long) duration.toHoursPart());
        units.put("min", (long) duration.toMinutesPart());
        units.forEach((unit, count) -> {
            if (count > 0 && parts.size() < 2) {
                parts.add(count + " " + unit);
            }
        });
        return parts.isEmpty() ? "less than a minute" : parts.stream().collect(Collectors.joining(" "));
    }
}
