package dev.muster.cli.schedules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.Answer;
import dev.muster.cli.output.Output;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
            ExecutionsCommand.class,
            SimulateCommand.class,
            SchedulesCommand.Pause.class,
            SchedulesCommand.Resume.class,
            SchedulesCommand.Trigger.class,
            SchedulesCommand.Backfill.class,
            HelpCommand.class
        })
public final class SchedulesCommand {
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

        List<SourceText> sources() {
            return ScheduleFiles.sources(all());
        }

        List<LoadedSchedule> load() {
            return ScheduleFiles.load(all());
        }

        private List<String> all() {
            List<String> all = new ArrayList<>(files);
            all.addAll(systems);
            return all;
        }
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

    /** What asks or changes schedules, by either way. */
    abstract static class Verb implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private WayOptions options = new WayOptions();

        @Override
        public final Integer call() throws InterruptedException {
            Output output = options.output(spec);
            try (ScheduleWay way = options.open()) {
                return carryOut(way, output);
            }
        }

        abstract int carryOut(ScheduleWay way, Output output) throws InterruptedException;
    }

    /** What is done to one schedule. */
    abstract static class Change extends Verb {
        @Parameters(index = "0", paramLabel = "SCHEDULE", description = "Its full name: <system>/<name>.")
        private String name = "";

        @Override
        final int carryOut(ScheduleWay way, Output output) throws InterruptedException {
            output.aside(way.told());
            Answer answer = change(way, name);
            output.line(output.json() ? answer.body() : told(name, answer.json()));
            return ExitCode.SUCCESS;
        }

        abstract Answer change(ScheduleWay way, String schedule) throws InterruptedException;

        String told(String schedule, JsonNode done) {
            return schedule + " " + Output.text(done.path("done")) + ".";
        }
    }

    /** Makes the server's schedules like the files. */
    @Command(
            name = "apply",
            description = "Makes the server's schedules like those in files, and says where they differed.",
            mixinStandardHelpOptions = true)
    static final class Apply extends Verb {
        @Mixin
        private SourceFiles files = new SourceFiles();

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        @Option(
                names = "--delete-unmanaged",
                description = "Delete schedules of these systems that are in none of the files.")
        private boolean deleteUnmanaged;

        @Override
        int carryOut(ScheduleWay way, Output output) throws InterruptedException {
            List<SourceText> sources = files.sources();
            output.aside(way.told());
            Answer applied = way.apply(sources, dryRun, deleteUnmanaged);
            if (output.json()) {
                output.line(applied.body());
            } else {
                ScheduleTables.changes(applied.json()).forEach(output::line);
            }
            for (JsonNode change : applied.json().path("changes")) {
                if (!Output.text(change.path("problem")).isEmpty()) {
                    return ExitCode.FAILED;
                }
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Shows the schedules on the server. */
    @Command(
            name = "list",
            description = "Shows the schedules on the server: next times, last runs, pauses.",
            mixinStandardHelpOptions = true)
    static final class ListAll extends Verb {
        @Parameters(
                arity = "0..1",
                paramLabel = "SCHEDULE",
                description = "One, by its full name <system>/<name>, with more of its last runs.")
        private @Nullable String name;

        @Option(names = "--system", paramLabel = "NAME", description = "Only this system's.")
        private @Nullable String system;

        @Override
        int carryOut(ScheduleWay way, Output output) throws InterruptedException {
            Answer found = name == null ? way.list(system) : way.show(name);
            JsonNode json = found.json();
            if (output.json()) {
                output.line(found.body());
            } else if (name == null) {
                output.table(
                        ScheduleTables.list(json.path("schedules")),
                        "There is no schedule. Begin with: muster schedules apply shipped:default-timetable --system FILE");
            } else {
                ScheduleTables.one(json).forEach(output::line);
            }
            return ExitCode.SUCCESS;
        }
    }

    /** Pauses a schedule. */
    @Command(name = "pause", description = "Pauses a schedule; runs under way go on.", mixinStandardHelpOptions = true)
    static final class Pause extends Change {
        @Option(names = "--note", required = true, description = "Why, and until when.")
        private String note = "";

        @Override
        Answer change(ScheduleWay way, String schedule) throws InterruptedException {
            return way.pause(schedule, note);
        }
    }

    /** Resumes a paused schedule. */
    @Command(name = "resume", description = "Resumes a paused schedule.", mixinStandardHelpOptions = true)
    static final class Resume extends Change {
        @Option(names = "--note", required = true, description = "Why.")
        private String note = "";

        @Override
        Answer change(ScheduleWay way, String schedule) throws InterruptedException {
            return way.resume(schedule, note);
        }
    }

    /** Starts a run of a schedule now. */
    @Command(
            name = "trigger",
            description = "Starts a run of a schedule now, also of a paused one.",
            mixinStandardHelpOptions = true)
    static final class Trigger extends Change {
        @Override
        Answer change(ScheduleWay way, String schedule) throws InterruptedException {
            return way.trigger(schedule);
        }
    }

    /** Starts the runs of past times. */
    @Command(
            name = "backfill",
            description = "Starts the runs of times that have passed, now, one after the other.",
            mixinStandardHelpOptions = true)
    static final class Backfill extends Change {
        @Option(names = "--from", required = true, converter = Moment.class, description = "Inclusive.")
        private Instant from = Instant.EPOCH;

        @Option(names = "--to", required = true, converter = Moment.class, description = "Exclusive; in the past.")
        private Instant to = Instant.EPOCH;

        @Override
        Answer change(ScheduleWay way, String schedule) throws InterruptedException {
            return way.backfill(schedule, from, to);
        }

        @Override
        String told(String schedule, JsonNode done) {
            int times = done.path("times").size();
            return times == 1
                    ? "1 run of " + schedule + " starts now."
                    : times + " runs of " + schedule + " start now, one after the other.";
        }
    }
}
