package dev.muster.cli.schedules;

import dev.muster.cli.ExitCode;
import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.schedule.Schedule;
import dev.muster.runbooks.schedule.Simulation;
import dev.muster.runbooks.schedule.Simulation.Expected;
import dev.muster.runbooks.schedule.Simulation.Start;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster schedules simulate}: what files would start, without any server. */
@Command(
        name = "simulate",
        description = "Shows which runs schedules would start between two moments; needs no server.",
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
    private static final Duration DEFAULT_RANGE = Duration.ofDays(7);
    private static final Duration LONGEST_RANGE = Duration.ofDays(366 * 5);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SchedulesCommand.SourceFiles files = new SchedulesCommand.SourceFiles();

    @Mixin
    private Output output = new Output();

    @Option(names = "--from", converter = SchedulesCommand.Moment.class, description = "Inclusive (default: now).")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            converter = SchedulesCommand.Moment.class,
            description = "Exclusive (default: 7 days after --from).")
    private @Nullable Instant to;

    @Option(
            names = "--duration",
            paramLabel = "NAME=DURATION",
            description = "How long runs take, by a scenario's or a schedule's full name: backup=45m. May be repeated.")
    private Map<String, String> durations = Map.of();

    private final Clock clock = Clock.systemUTC();

    /** What {@code --output json} prints. */
    record Answer(Instant from, Instant to, boolean complete, List<StartLine> starts, List<ChangeLine> clockChanges) {}

    record StartLine(
            String schedule,
            Instant earliest,
            Instant latest,
            String timeZone,
            Simulation.Fate fate,
            List<String> overlaps) {}

    record ChangeLine(String schedule, LocalDateTime local, String timeZone, boolean exists, int starts) {}

    @Override
    public Integer call() {
        List<LoadedSchedule> loaded = files.load();
        Instant begin = from == null ? clock.instant().truncatedTo(ChronoUnit.SECONDS) : from;
        Instant end = to == null ? begin.plus(DEFAULT_RANGE) : to;
        if (!begin.isBefore(end) || Duration.between(begin, end).compareTo(LONGEST_RANGE) > 0) {
            throw wrong(
                    "There is nothing to simulate from " + begin + " to " + end + ".",
                    "At most five years, --from before --to.");
        }
        Simulation simulation = Simulation.of(expected(loaded), begin, end);
        Answer answer = new Answer(
                begin,
                end,
                simulation.complete(),
                simulation.starts().stream().map(SimulateCommand::line).toList(),
                simulation.changes().stream().map(SimulateCommand::line).toList());
        output.print(spec, answer, () -> lines(answer));
        return ExitCode.SUCCESS;
    }

    private List<Expected> expected(List<LoadedSchedule> loaded) {
        Map<String, Duration> known = new HashMap<>();
        durations.forEach((name, text) -> known.put(
                name,
                Durations.parse(text)
                        .orElseThrow(() ->
                                wrong("'" + name + "' is given no duration.", "Write --duration " + name + "=45m."))));
        Set<String> unused = new HashSet<>(known.keySet());
        List<Expected> expected = new ArrayList<>();
        for (LoadedSchedule each : loaded) {
            Schedule schedule = each.schedule();
            String scenario = each.runbook().resolved().runbook().scenario().id();
            unused.remove(schedule.fullName());
            unused.remove(scenario);
            Duration own = known.getOrDefault(schedule.fullName(), known.get(scenario));
            expected.add(new Expected(schedule, Optional.ofNullable(own)));
        }
        if (!unused.isEmpty()) {
            throw wrong(
                    "A duration is given for " + String.join(", ", unused) + ", which nothing here has.",
                    "Name a scenario such as backup, or a schedule such as "
                            + loaded.get(0).schedule().fullName() + ".");
        }
        return expected;
    }

    private static RunbookException wrong(String message, String hint) {
        return new RunbookException(Problem.of("SIMULATION_TIMES_WRONG", message, hint));
    }

    private static StartLine line(Start start) {
        return new StartLine(
                start.schedule().fullName(),
                start.earliest(),
                start.latest(),
                start.schedule().timetable().zone().getId(),
                start.fate(),
                start.overlaps());
    }

    private static ChangeLine line(Simulation.Change change) {
        return new ChangeLine(
                change.schedule().fullName(),
                change.change().local(),
                change.schedule().timetable().zone().getId(),
                change.change().exists(),
                change.change().starts());
    }

    private static List<String> lines(Answer answer) {
        SimulationTable table = new SimulationTable("STARTS", "UP TO", "ZONE", "SCHEDULE", "", "AT THE SAME TIME");
        for (StartLine start : answer.starts()) {
            table.row(
                    ScheduleTables.local(start.earliest(), start.timeZone()),
                    start.latest().equals(start.earliest())
                            ? "-"
                            : "+" + Durations.format(Duration.between(start.earliest(), start.latest())),
                    start.timeZone(),
                    start.schedule(),
                    start.fate().toString(),
                    String.join(", ", start.overlaps()));
        }
        List<String> lines = new ArrayList<>(table.lines());
        for (ChangeLine change : answer.clockChanges()) {
            lines.add("CLOCK CHANGE  " + change.schedule() + ": " + change.local() + " in " + change.timeZone()
                    + (change.exists()
                            ? " comes twice; it starts "
                                    + (change.starts() == 1 ? "once." : change.starts() + " times.")
                            : " does not exist; nothing starts."));
        }
        if (!answer.complete()) {
            lines.add("MORE  There are more than " + Simulation.MOST
                    + " times of a schedule; the rest is not shown. Give a shorter range.");
        }
        return lines;
    }
}
