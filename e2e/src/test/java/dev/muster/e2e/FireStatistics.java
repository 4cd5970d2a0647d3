package dev.muster.e2e;

import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What was killed when, and what became of the runs, as a page of Markdown. */
final class FireStatistics {
    private static final String RECORD = "complete in the catalogue after the run's end";

    /** @param goesOn from the kill to the next step's beginning or end; null if the run was over */
    private record Line(
            int run,
            String scenario,
            Fire.Kill kill,
            Duration into,
            String during,
            @Nullable Duration goesOn) {}

    private final long seed;
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, List<Double>> seconds = new TreeMap<>();
    private int runs;
    private int repeats;

    FireStatistics(long seed) {
        this.seed = seed;
    }

    /**
     * @param recorded from the run's end to its complete record
     * @param repeats of requests to the API that were not answered
     */
    void add(RunReport report, List<Fire.Kill> kills, Duration recorded, int repeats) {
        runs++;
        this.repeats += repeats;
        for (Fire.Kill kill : kills) {
            lines.add(new Line(
                    runs,
                    report.scenario(),
                    kill,
                    Duration.between(report.started(), kill.at()),
                    during(report, kill.at()),
                    goesOn(report, kill.at())));
        }
        seconds.computeIfAbsent(RECORD, name -> new ArrayList<>()).add(seconds(recorded));
        seconds.computeIfAbsent(report.scenario(), name -> new ArrayList<>())
                .add(seconds(Duration.between(report.started(), report.ended())));
    }

    int kills() {
        return lines.size();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static @Nullable Duration goesOn(RunReport report, Instant at) {
        return Stream.concat(
                        Stream.of(report.started(), report.ended()),
                        report.steps().stream()
                                .flatMap(step ->
                                        Stream.concat(Stream.of(step.started()), Stream.ofNullable(step.ended()))))
                .filter(moment -> moment.isAfter(at))
                .min(Comparator.naturalOrder())
                .map(moment -> Duration.between(at, moment))
                .orElse(null);
    }

    /** The step that was under way, or what else the run did. */
    private static String during(RunReport report, Instant at) {
        if (at.isBefore(report.started())) {
            return "while it was asked for";
        }
        String last = "before its first step";
        for (StepReport step : report.steps()) {
            if (step.started().isAfter(at)) {
                return last;
            }
            Instant ended = step.ended();
            if (ended != null && ended.isAfter(at)) {
                return step.id();
            }
            last = "after " + step.id();
        }
        return "after its end";
    }

    String page() {
        StringBuilder page = new StringBuilder();
        page.append(String.format(
                Locale.ROOT,
                "Seed %d: %d kills in %d runs that ended with the same result; requests were repeated %d times.%n%n",
                seed,
                kills(),
                runs,
                repeats));
        List<String> victims = lines.stream()
                .map(line -> line.kill().victim())
                .distinct()
                .sorted()
                .toList();
        addVictims(page, victims);
        addMoments(page, victims);
        seconds.forEach((what, each) -> {
            List<Double> sorted = each.stream().sorted().toList();
            page.append(String.format(
                    Locale.ROOT,
                    "%s: %d runs, %.1f s to %.1f s, median %.1f s.%n",
                    what,
                    sorted.size(),
                    sorted.get(0),
                    sorted.get(sorted.size() - 1),
                    sorted.get(sorted.size() / 2)));
        });
        addKills(page);
        return page.toString();
    }

    private void addVictims(StringBuilder page, List<String> victims) {
        page.append("Median (longest), in seconds. The run goes on: its next step begins or ends.\n\n");
        page.append("| victim | kills | away | then serves after | the run goes on after the kill |\n");
        page.append("|---|---:|---:|---:|---:|\n");
        for (String victim : victims) {
            List<Line> hit = lines.stream()
                    .filter(line -> line.kill().victim().equals(victim))
                    .toList();
            page.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %s | %s | %s |%n",
                    victim,
                    hit.size(),
                    spread(hit.stream().map(line -> line.kill().absent())),
                    spread(hit.stream().map(line -> line.kill().starting())),
                    spread(hit.stream().flatMap(line -> Stream.ofNullable(line.goesOn())))));
        }
        page.append('\n');
    }

    private static String spread(Stream<Duration> durations) {
        List<Duration> sorted = durations.sorted().toList();
        return sorted.isEmpty()
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%.1f (%.1f)",
                        seconds(sorted.get(sorted.size() / 2)),
                        seconds(sorted.get(sorted.size() - 1)));
    }

    private void addMoments(StringBuilder page, List<String> victims) {
        page.append("| killed during | ");
        victims.forEach(victim -> page.append(victim).append(" | "));
        page.append("\n|---|").append("---:|".repeat(victims.size())).append('\n');
        Map<String, Map<String, Integer>> counts = new TreeMap<>();
        for (Line line : lines) {
            counts.computeIfAbsent(line.during(), name -> new TreeMap<>())
                    .merge(line.kill().victim(), 1, Integer::sum);
        }
        counts.forEach((during, count) -> {
            page.append("| ").append(during).append(" | ");
            victims.forEach(victim -> page.append(count.getOrDefault(victim, 0)).append(" | "));
            page.append('\n');
        });
        page.append('\n');
    }

    private void addKills(StringBuilder page) {
        page.append("\n| run | scenario | killed | at | during | away |\n|---:|---|---|---:|---|---:|\n");
        for (Line line : lines) {
            page.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %.1f s | %s | %.1f s |%n",
                    line.run(),
                    line.scenario(),
                    line.kill().victim(),
                    seconds(line.into()),
                    line.during(),
                    seconds(line.kill().absent())));
        }
    }
}
