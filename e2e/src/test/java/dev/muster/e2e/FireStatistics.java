package dev.muster.e2e;

import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was killed when, and what became of the runs, as a page of Markdown. */
final class FireStatistics {
    private record Line(int run, String scenario, Fire.Kill kill, Duration into, String during) {}

    private final long seed;
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, List<Double>> seconds = new TreeMap<>();
    private int runs;

    FireStatistics(long seed) {
        this.seed = seed;
    }

    void add(RunReport report, List<Fire.Kill> kills) {
        runs++;
        for (Fire.Kill kill : kills) {
            lines.add(new Line(
                    runs,
                    report.scenario(),
                    kill,
                    Duration.between(report.started(), kill.at()),
                    during(report, kill.at())));
        }
        seconds.computeIfAbsent(report.scenario(), name -> new ArrayList<>())
                .add(Duration.between(report.started(), report.ended()).toMillis() / 1000.0);
    }

    int kills() {
        return lines.size();
    }

    /** The step that was under way, or what else the run did. */
    private static String during(RunReport report, Instant at) {
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
                Locale.ROOT, "Seed %d: %d kills in %d runs, each with the same result.%n%n", seed, kills(), runs));
        page.append("| killed during | ");
        List<String> victims = lines.stream()
                .map(line -> line.kill().victim())
                .distinct()
                .sorted()
                .toList();
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
        seconds.forEach((scenario, each) -> {
            List<Double> sorted = each.stream().sorted().toList();
            page.append(String.format(
                    Locale.ROOT,
                    "%s: %d runs, %.1f s to %.1f s, median %.1f s.%n",
                    scenario,
                    sorted.size(),
                    sorted.get(0),
                    sorted.get(sorted.size() - 1),
                    sorted.get(sorted.size() / 2)));
        });
        page.append("\n| run | scenario | killed | at | during | away |\n|---:|---|---|---:|---|---:|\n");
        for (Line line : lines) {
            page.append(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %.1f s | %s | %.1f s |%n",
                    line.run(),
                    line.scenario(),
                    line.kill().victim(),
                    line.into().toMillis() / 1000.0,
                    line.during(),
                    line.kill().absent().toMillis() / 1000.0));
        }
        return page.toString();
    }
}
