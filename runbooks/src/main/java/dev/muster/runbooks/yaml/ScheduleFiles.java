package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.schedule.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Loads schedules from files, each with the runbook that it starts and the system that it is for. */
public final class ScheduleFiles {
    private final List<Problem> problems = new ArrayList<>();
    private final List<Read> schedules = new ArrayList<>();
    private final Map<String, Read> runbooks = new LinkedHashMap<>();
    private final Map<String, Read> systems = new LinkedHashMap<>();

    private ScheduleFiles() {}

    private record Read(Document document, Fields fields) {}

    /** A schedule and what its runs are started with. */
    public record LoadedSchedule(Schedule schedule, RunbookFiles.LoadedRunbook runbook) {}

    /**
     * Loads files, shipped ones by {@code shipped:NAME}, and the YAML files that lie directly in given directories.
     *
     * @throws RunbookException with every problem of all files
     */
    public static List<LoadedSchedule> load(List<String> filesOrShipped) {
        ScheduleFiles files = new ScheduleFiles();
        return files.finish(sources(filesOrShipped, files.problems));
    }

    /**
     * Only the texts of such files, each once.
     *
     * @throws RunbookException with every file that cannot be read
     */
    public static List<SourceText> sources(List<String> filesOrShipped) {
        List<Problem> problems = new ArrayList<>();
        List<SourceText> sources = sources(filesOrShipped, problems);
        RunbookFiles.refuseIfAny(problems);
        return sources;
    }

    private static List<SourceText> sources(List<String> filesOrShipped, List<Problem> problems) {
        Set<SourceText> sources = new LinkedHashSet<>();
        for (String each : filesOrShipped) {
            try {
                if (!each.startsWith(ShippedRunbooks.PREFIX) && Files.isDirectory(Path.of(each))) {
                    RunbookFiles.yamlFiles(Path.of(each)).forEach(file -> sources.add(SourceText.of(file)));
                } else {
                    sources.add(
                            each.equals(ShippedRunbooks.PREFIX + ShippedRunbooks.DEFAULT_TIMETABLE)
                                    ? ShippedRunbooks.defaultTimetable()
                                    : RunbookFiles.source(each));
                }
            } catch (RunbookException e) {
                problems.addAll(e.problems());
            }
        }
        return List.copyOf(sources);
    }

    /** The same for texts, of which equal ones count once. */
    public static List<LoadedSchedule> read(List<SourceText> sources) {
        return new ScheduleFiles().finish(List.copyOf(new LinkedHashSet<>(sources)));
    }

    private List<LoadedSchedule> finish(List<SourceText> sources) {
        sources.forEach(this::add);
        // What is wrong with a document alone; runbooks and systems are read with each schedule that needs them.
        List<LoadedSchedule> loaded = problems.isEmpty() ? load() : List.of();
        RunbookFiles.refuseIfAny(problems);
        if (loaded.isEmpty()) {
            throw new RunbookException(Problem.of(
                    "NO_SCHEDULE",
                    "The files hold no schedule.",
                    "Give a file with kind: Schedule, or the shipped one: shipped:default-timetable."));
        }
        return loaded;
    }

    private void add(SourceText source) {
        for (Document document : YamlReader.read(source, problems::add)) {
            Fields fields = Fields.of(document, problems::add);
            String name = fields.at("metadata").at("name").text().orElse("");
            switch (fields.at("kind").text().orElse("")) {
                case "Schedule" -> {
                    RunbookFiles.check(document, fields, problems::add);
                    schedules.add(new Read(document, fields));
                }
                case "Runbook" -> add(runbooks, name, "runbook", new Read(document, fields));
                case "System" -> add(systems, name, "system", new Read(document, fields));
                default -> RunbookFiles.check(document, fields, problems::add);
            }
        }
    }

    private static void add(Map<String, Read> all, String name, String what, Read read) {
        Read other = all.putIfAbsent(name, read);
        if (other != null) {
            read.fields()
                    .at("metadata")
                    .at("name")
                    .refuse(
                            "DUPLICATE_NAME",
                            "The " + what + " '" + CommonFields.shortened(name) + "' is also at "
                                    + other.document().position("") + ".",
                            "Give only one of them.");
        }
    }

    private List<LoadedSchedule> load() {
        List<LoadedSchedule> loaded = new ArrayList<>();
        Map<String, Read> seen = new HashMap<>();
        for (Read schedule : schedules) {
            load(schedule).ifPresent(found -> {
                loaded.add(found);
                Read other = seen.putIfAbsent(found.schedule().fullName(), schedule);
                if (other != null) {
                    schedule.fields()
                            .at("metadata")
                            .at("name")
                            .refuse(
                                    "DUPLICATE_NAME",
                                    "The schedule '" + found.schedule().fullName() + "' is also at "
                                            + other.document().position("") + ".",
                                    "Give each its own name.");
                }
            });
        }
        return loaded;
    }

    private Optional<LoadedSchedule> load(Read read) {
        Fields spec = read.fields().at("spec");
        Optional<String> system = system(spec);
        Optional<SourceText> runbook = runbook(spec.at("runbook"));
        if (system.isEmpty() || runbook.isEmpty() || isForOther(spec.at("runbook"), system.get())) {
            return Optional.empty();
        }
        Optional<RunbookFiles.LoadedRunbook> pair = Optional.ofNullable(systems.get(system.get()))
                .flatMap(found -> pair(spec, runbook.get(), found.document().source()));
        if (pair.isEmpty() || !approvalFits(spec, pair.get())) {
            return Optional.empty();
        }
        return Optional.of(new LoadedSchedule(ScheduleReader.read(read.fields(), system.get()), pair.get()));
    }

    private Optional<String> system(Fields spec) {
        Fields named = spec.at("system");
        if (named.written()) {
            if (systems.isEmpty()) {
                named.refuse(
                        "SYSTEM_MISSING",
                        "The system is in none of the given files.",
                        "Give its file too: --system FILE.");
                return Optional.empty();
            }
            CommonFields.known(named, "system", systems.keySet());
            return named.text().filter(systems::containsKey);
        }
        if (systems.size() == 1) {
            return systems.keySet().stream().findFirst();
        }
        spec.refuse(
                systems.isEmpty() ? "SYSTEM_MISSING" : "SYSTEM_AMBIGUOUS",
                "The schedule names no system, and the given files hold " + systems.size() + ".",
                systems.isEmpty()
                        ? "Give the system's file: --system FILE."
                        : "Write 'system', or give the file of one system.");
        return Optional.empty();
    }

    private Optional<SourceText> runbook(Fields named) {
        String name = named.required();
        if (name.startsWith(ShippedRunbooks.PREFIX)) {
            String shipped = name.substring(ShippedRunbooks.PREFIX.length());
            if (ShippedRunbooks.names().contains(shipped)) {
                return Optional.of(ShippedRunbooks.source(shipped));
            }
            named.refuse(
                    "UNKNOWN_SHIPPED_RUNBOOK",
                    "There is no shipped runbook '" + CommonFields.shortened(shipped) + "'.",
                    Nearest.hint("Shipped are", shipped, ShippedRunbooks.names()));
            return Optional.empty();
        }
        if (!runbooks.containsKey(name)) {
            named.refuse(
                    "UNKNOWN_RUNBOOK",
                    "There is no runbook '" + CommonFields.shortened(name) + "' in the given files.",
                    ShippedRunbooks.names().contains(name)
                            ? "Did you mean 'shipped:" + name + "'?"
                            : "Give its file too.");
        }
        return Optional.ofNullable(runbooks.get(name))
                .map(read -> read.document().source());
    }

    /** Just these two texts travel with each run, so they must make sense without the other files. */
    private Optional<RunbookFiles.LoadedRunbook> pair(Fields spec, SourceText runbook, SourceText system) {
        try {
            RunbookFiles.Loaded loaded = RunbookFiles.read(List.of(runbook, system));
            if (loaded.runbooks().size() != 1) {
                spec.at("runbook")
                        .refuse(
                                "RUNBOOK_AMBIGUOUS",
                                "Its file and the system's hold "
                                        + loaded.runbooks().size() + " runbooks.",
                                "Put this runbook into a file of its own: its runs are started with the whole file.");
                return Optional.empty();
            }
            return Optional.of(loaded.only());
        } catch (RunbookException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    private boolean isForOther(Fields named, String system) {
        Read runbook = runbooks.get(named.required());
        Optional<String> other = runbook == null
                ? Optional.empty()
                : runbook.fields().at("spec").at("system").text().filter(its -> !its.equals(system));
        other.ifPresent(its -> named.refuse(
                "OTHER_SYSTEM",
                "The runbook is for the system '" + CommonFields.shortened(its) + "', the schedule for '" + system
                        + "'.",
                "Leave 'system' out of the runbook, or schedule it for that system."));
        return other.isPresent();
    }

    private static boolean approvalFits(Fields spec, RunbookFiles.LoadedRunbook loaded) {
        Runbook runbook = loaded.resolved().runbook();
        boolean changes = runbook.scenario().changesSystem();
        boolean asks = changes
                || (runbook instanceof Runbook.Expire expire
                        && expire.approval().isPresent());
        if (asks && !spec.at("approval").written()) {
            spec.at("runbook")
                    .refuse(
                            "SCHEDULED_CHANGE_NEEDS_APPROVAL",
                            (changes ? "The runbook changes the system" : "The runbook asks for an approval")
                                    + ": each of its runs would wait for an approver.",
                            "If that is meant, write approval: each-run; nothing is done until somebody approves.");
            return false;
        }
        if (!asks && spec.at("approval").written()) {
            spec.at("approval")
                    .refuseKey(
                            "APPROVAL_NOT_NEEDED",
                            "Runs of this runbook ask nobody.",
                            "Take it out: it goes with a runbook that changes the system, or that has an approval.");
            return false;
        }
        return true;
    }
}
