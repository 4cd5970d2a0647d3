package dev.muster.repository.retention;

import dev.muster.repository.BackupKind;
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
 * Decides which backups are kept. What is newer than what is said by their order alone. Times are of many clocks, and a
 * wrong one keeps more and never less: a backup with a time still to come is kept and takes no other's place; where times
 * go back in the order, each is taken as it is and for the latest before it, and what either way wants is kept.
 */
public final class RetentionPlanner {
    private final RetentionPolicy policy;
    private final List<Candidate> newestFirst;
    private final Map<String, Instant> latestBefore = new LinkedHashMap<>();
    private final Map<String, List<Reason>> reasons = new LinkedHashMap<>();
    private final Instant now;
    private final Instant latest;

    private RetentionPlanner(RetentionPolicy policy, List<Candidate> oldestFirst, Instant now, Instant storeNow) {
        this.policy = policy;
        this.now = now;
        List<Candidate> reversed = new ArrayList<>(oldestFirst);
        Collections.reverse(reversed);
        this.newestFirst = List.copyOf(reversed);
        Instant newest = now.isAfter(storeNow) ? now : storeNow;
        Instant before = Instant.MIN;
        for (Candidate candidate : oldestFirst) {
            reasons.put(candidate.backup().id(), new ArrayList<>());
            Instant time = own(candidate);
            newest = newest.isAfter(time) ? newest : time;
            if (!isInFuture(candidate)) {
                before = before.isAfter(time) ? before : time;
            }
            latestBefore.put(candidate.backup().id(), isInFuture(candidate) ? now : before);
        }
        this.latest = newest;
    }

    /**
     * @param oldestFirst all committed backups of one source, in their order
     * @param now for the age of backups; rather too early than too late
     * @param storeNow by the store's clock
     * @return one verdict for each, in the same order
     */
    public static List<Verdict> plan(
            RetentionPolicy policy, List<Candidate> oldestFirst, Instant now, Instant storeNow) {
        return new RetentionPlanner(policy, oldestFirst, now, storeNow).verdicts(oldestFirst);
    }

    private List<Verdict> verdicts(List<Candidate> oldestFirst) {
        List<Candidate> counted = newestFirst.stream()
                .filter(candidate -> !candidate.named() && !isInFuture(candidate))
                .toList();
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
        if (!policy.window().isZero()) {
            window(counted);
        }
        oldestFirst.forEach(this::future);
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
            String why = rules.last() == RetentionRules.MOST
                    ? "all " + kind + "backups stay that are not named"
                    : "it is one of the last " + rules.last() + " " + kind + "backups";
            keep(backups.get(i), Reason.Code.LAST, why);
        }
        for (Candidate backup : backups) {
            Duration age = Duration.between(time(backup), now);
            if (!rules.within().isZero() && age.compareTo(rules.within()) <= 0) {
                keep(
                        backup,
                        Reason.Code.WITHIN,
                        "it is " + text(age) + " old; " + kind + "backups are kept for " + text(rules.within()));
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
        for (Function<Candidate, Instant> times : timesOf()) {
            Set<Object> seen = new HashSet<>();
            for (Candidate backup : backups) {
                Object of =
                        period.apply(times.apply(backup).atZone(policy.zone()).toOffsetDateTime());
                if (seen.size() < count && seen.add(of)) {
                    keep(backup, code, "it is the newest of its " + name + "; " + count + " are kept");
                }
            }
        }
    }

    /** Both ways to take times that go back in the order. */
    private List<Function<Candidate, Instant>> timesOf() {
        return List.of(this::time, RetentionPlanner::own);
    }

    /** The newest backup before the window: without it, its first part cannot be recovered to. */
    private void window(List<Candidate> counted) {
        for (Instant end : List.of(now, latest)) {
            for (Function<Candidate, Instant> times : timesOf()) {
                window(counted, end.minus(policy.window()), times);
            }
        }
    }

    /** A line that began within the window goes on with that before it. */
    private void window(List<Candidate> counted, Instant begin, Function<Candidate, Instant> times) {
        String why = "recovery to points of the last " + text(policy.window()) + " begins with it";
        for (int i = 0; i < counted.size(); i++) {
            Candidate backup = counted.get(i);
            boolean before = !times.apply(backup).isAfter(begin);
            boolean first =
                    i + 1 == counted.size() || !counted.get(i + 1).line().equals(backup.line());
            if (before || first) {
                keep(backup, Reason.Code.WINDOW, why);
            }
            if (before) {
                return;
            }
        }
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
        if (isInFuture(candidate) && !candidate.named()) {
            keep(
                    candidate,
                    Reason.Code.TIME_IN_FUTURE,
                    "its time, " + own(candidate) + ", is still to come: a clock is wrong");
        }
    }

    private boolean isInFuture(Candidate candidate) {
        return own(candidate).isAfter(now);
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
        Reason reason = new Reason(code, text);
        if (!reasonsOf(candidate).contains(reason)) {
            reasonsOf(candidate).add(reason);
        }
    }

    private List<Reason> reasonsOf(Candidate candidate) {
        return reasons.computeIfAbsent(candidate.backup().id(), any -> new ArrayList<>());
    }

    private Instant time(Candidate candidate) {
        return latestBefore.getOrDefault(candidate.backup().id(), now);
    }

    private static Instant own(Candidate candidate) {
        return candidate.backup().committed();
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
