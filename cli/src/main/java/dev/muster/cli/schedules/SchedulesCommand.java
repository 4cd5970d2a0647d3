package dev.muster.cli.schedules;

import dev.muster.cli.ExitCode;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.schedules.ScheduleBoard;
import dev.muster.workflows.schedules.ScheduleChange;
import dev.muster.workflows.schedules.ScheduleStatus;
import dev.muster.workflows.schedules.TemporalScheduleBoard;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code muster schedules}: runs that start by themselves. */
@Command(
        name = "schedules",
        description = "Keeps the schedules on the Temporal server like those in files.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SchedulesCommand.Apply.class,
            SchedulesCommand.ListAll.class,
            SimulateCommand.class,
            SchedulesCommand.Pause.class,
            SchedulesCommand.Resume.class,
            SchedulesCommand.Trigger.class,
            SchedulesCommand.Backfill.class,
            HelpCommand.class
        })
public final class SchedulesCommand {
    private static final Duration CONNECT = Duration.ofSeconds(15);

    /** The files that schedules, their runbooks and their systems are in. */
    static final class SourceFiles {
        @Parameters(
                arity = "1..*",
                paramLabel = "FILE",
                description =
                        "Files or folders with schedules, their runbooks and systems, or shipped:default-timetable.")
        private List<String> files = List.of();

        @Option(
                names = "--system",
                paramLabel = "FILE",
                description = "Further files with systems; may be given several times.")
        private List<String> systems = List.of();

        List<LoadedSchedule> load() {
            List<String> all = new ArrayList<>(files);
            all.addAll(systems);
            return ScheduleFiles.load(all);
        }
    }

    /** One schedule, by its full name. */
    static final class Named {
        @Parameters(index = "0", paramLabel = "SCHEDULE", description = "Its full name: <system>/<name>.")
        String name = "";
    }

    /** A moment with its zone, as runbooks write it. */
    static final class Moment implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (java.time.format.DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + text + "' is no moment with its zone, such as 2026-11-21T10:00:00+01:00");
            }
        }
    }

    private static <T> T onBoard(Function<ScheduleBoard, T> work) {
        try (TemporalConnection temporal = TemporalConnection.fromEnvironment(CONNECT)) {
            return work.apply(new TemporalScheduleBoard(temporal.client(), Clock.systemUTC()));
        }
    }

    /** Makes the server's schedules like the files. */
    @Command(
            name = "apply",
            description = "Makes the server's schedules like those in files, and says where they differed.",
            mixinStandardHelpOptions = true)
    static final class Apply implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private SourceFiles files = new SourceFiles();

        @Mixin
        private Output output = new Output();

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        @Option(
                names = "--delete-unmanaged",
                description = "Delete schedules of these systems that are in none of the files.")
        private boolean deleteUnmanaged;

        @Override
        public Integer call() {
            List<LoadedSchedule> wanted = files.load();
            List<ScheduleChange> changes =
                    onBoard(board -> dryRun ? planned(board, wanted) : board.apply(wanted, deleteUnmanaged));
            output.print(spec, new Applied(dryRun, changes), () -> ScheduleTables.changes(changes, dryRun));
            return changes.stream().allMatch(change -> change.problem() == null) ? ExitCode.SUCCESS : ExitCode.FAILED;
        }

        private List<ScheduleChange> planned(ScheduleBoard board, List<LoadedSchedule> wanted) {
            return board.plan(wanted).stream()
                    .map(change -> deleteUnmanaged ? change.deletingUnmanaged() : change)
                    .toList();
        }

        /** What {@code --output json} prints. */
        record Applied(boolean dryRun, List<ScheduleChange> changes) {}
    }

    /** Shows the schedules on the server. */
    @Command(
            name = "list",
            description = "Shows the schedules on the server: next times, last runs, pauses.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Output output = new Output();

        @Parameters(
                arity = "0..1",
                paramLabel = "SCHEDULE",
                description = "One, by its full name <system>/<name>, with more of its last runs.")
        private @Nullable String name;

        @Override
        public Integer call() {
            String one = name;
            List<ScheduleStatus> found = onBoard(board -> one == null ? board.list() : List.of(board.find(one)));
            output.print(
                    spec,
                    Map.of("schedules", found),
                    () -> one == null ? ScheduleTables.list(found) : ScheduleTables.one(found.get(0)));
            return ExitCode.SUCCESS;
        }
    }

    /** Pauses a schedule. */
    @Command(name = "pause", description = "Pauses a schedule; runs under way go on.", mixinStandardHelpOptions = true)
    static final class Pause implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Named schedule = new Named();

        @Mixin
        private Output output = new Output();

        @Option(names = "--note", required = true, description = "Why, and until when.")
        private String note = "";

        @Override
        public Integer call() {
            onBoard(board -> {
                board.pause(schedule.name, note);
                return schedule.name;
            });
            return done(spec, output, schedule.name, "paused");
        }
    }

    /** Resumes a paused schedule. */
    @Command(name = "resume", description = "Resumes a paused schedule.", mixinStandardHelpOptions = true)
    static final class Resume implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Named schedule = new Named();

        @Mixin
        private Output output = new Output();

        @Option(names = "--note", required = true, description = "Why.")
        private String note = "";

        @Override
        public Integer call() {
            onBoard(board -> {
                board.resume(schedule.name, note);
                return schedule.name;
            });
            return done(spec, output, schedule.name, "resumed");
        }
    }

    /** Starts a run of a schedule now. */
    @Command(
            name = "trigger",
            description = "Starts a run of a schedule now, also of a paused one.",
            mixinStandardHelpOptions = true)
    static final class Trigger implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Named schedule = new Named();

        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() {
            onBoard(board -> {
                board.trigger(schedule.name);
                return schedule.name;
            });
            return done(spec, output, schedule.name, "triggered");
        }
    }

    /** Starts the runs of past times. */
    @Command(
            name = "backfill",
            description = "Starts the runs of times that have passed, now, one after the other.",
            mixinStandardHelpOptions = true)
    static final class Backfill implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Named schedule = new Named();

        @Mixin
        private Output output = new Output();

        @Option(names = "--from", required = true, converter = Moment.class, description = "Inclusive.")
        private Instant from = Instant.EPOCH;

        @Option(names = "--to", required = true, converter = Moment.class, description = "Exclusive; in the past.")
        private Instant to = Instant.EPOCH;

        @Override
        public Integer call() {
            List<Instant> times = onBoard(board -> board.backfill(schedule.name, from, to));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("schedule", schedule.name);
            result.put("done", "backfilled");
            result.put("times", times);
            output.print(
                    spec,
                    result,
                    () -> List.of(times.size() + (times.size() == 1 ? " run" : " runs") + " of " + schedule.name
                            + (times.size() == 1 ? " starts now." : " start now, one after the other.")));
            return ExitCode.SUCCESS;
        }
    }

    private static int done(CommandSpec spec, Output output, String name, String what) {
        Map<String, String> result = new LinkedHashMap<>();
        result.put("schedule", name);
        result.put("done", what);
        output.print(spec, result, () -> List.of(name + " " + what + "."));
        return ExitCode.SUCCESS;
    }
}
