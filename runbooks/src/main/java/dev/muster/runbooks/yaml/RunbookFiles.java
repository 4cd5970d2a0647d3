package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Name;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.lookup.MentionedHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Loads runbooks and systems from files, and finds each runbook's system among them. */
public final class RunbookFiles {
    /** The code of a refusal; each of its problems has its own. */
    public static final String REFUSED = "RUNBOOK_REFUSED";

    private static final int MOST_PROBLEMS = 100;
    private static final int MOST_FILES = 1000;
    private static final String VERSION = "muster/v1";
    private static final Map<String, SchemaCheck> SCHEMAS = Map.of(
            "System", new SchemaCheck("muster-v1-system.json"),
            "Runbook", new SchemaCheck("muster-v1-runbook.json"),
            "Schedule", new SchemaCheck("muster-v1-schedule.json"));

    private final List<Problem> problems = new ArrayList<>();
    private final List<Read> runbooks = new ArrayList<>();
    private final List<Read> systems = new ArrayList<>();

    private RunbookFiles() {}

    /** A document of a known kind, with what it means if it has no problem. */
    private record Read(
            Document document,
            Fields fields,
            Findings findings,
            @Nullable SystemDescription system) {
        String name() {
            return fields.at("metadata").at("name").text().orElse("");
        }
    }

    /**
     * What was loaded, without problems.
     *
     * @param runbooks each with its system
     * @param systems all, also those that no runbook is for
     */
    public record Loaded(List<LoadedRunbook> runbooks, List<LoadedSystem> systems) {
        public Loaded {
            runbooks = List.copyOf(runbooks);
            systems = List.copyOf(systems);
        }

        /** @throws RunbookException NO_RUNBOOK or RUNBOOK_AMBIGUOUS if there is not exactly one */
        public LoadedRunbook only() {
            if (runbooks.size() != 1) {
                throw new RunbookException(
                        runbooks.isEmpty()
                                ? Problem.of(
                                        "NO_RUNBOOK",
                                        "The files hold no runbook.",
                                        "Give a file with kind: Runbook, or a shipped one: shipped:restore-test.")
                                : Problem.of(
                                        "RUNBOOK_AMBIGUOUS",
                                        "The files hold " + runbooks.size() + " runbooks.",
                                        "Give a file that holds the one to run."));
            }
            return runbooks.get(0);
        }
    }

    /** A runbook, its system, and the texts that both came from. */
    public record LoadedRunbook(ResolvedRunbook resolved, SourceText source, SourceText systemSource) {}

    /**
     * A system and its text.
     *
     * @param warnings what refuses nothing and should be known
     * @param hosts that others than their own workers must reach
     */
    public record LoadedSystem(
            SystemDescription system, SourceText source, List<Problem> warnings, List<MentionedHost> hosts) {
        public LoadedSystem {
            warnings = List.copyOf(warnings);
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * Loads files, and the {@code .yaml} and {@code .yml} files that lie directly in given directories; of those in
     * directories, documents of other programs are passed over.
     *
     * @throws RunbookException with every problem of all files
     */
    public static Loaded load(Path... paths) {
        RunbookFiles files = new RunbookFiles();
        for (Path path : paths) {
            files.add(path);
        }
        return files.finish();
    }

    /** The same for texts, of which equal ones count once. */
    public static Loaded read(List<SourceText> sources) {
        RunbookFiles files = new RunbookFiles();
        sources.stream().distinct().forEach(source -> files.add(source, false));
        return files.finish();
    }

    /** The text of a file, or of a shipped runbook for {@code shipped:NAME}. */
    public static SourceText source(String fileOrShipped) {
        return fileOrShipped.startsWith(ShippedRunbooks.PREFIX)
                ? ShippedRunbooks.source(fileOrShipped.substring(ShippedRunbooks.PREFIX.length()))
                : SourceText.of(Path.of(fileOrShipped));
    }

    private void add(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                add(SourceText.of(path), false);
                return;
            }
            for (Path file : yamlFiles(path)) {
                add(SourceText.of(file), true);
            }
        } catch (RunbookException e) {
            problems.addAll(e.problems());
        }
    }

    /** @throws RunbookException FILE_UNREADABLE or TOO_MANY_FILES */
    static List<Path> yamlFiles(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> files = entries.filter(file ->
                            file.toString().endsWith(".yaml") || file.toString().endsWith(".yml"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .limit(MOST_FILES + 1L)
                    .toList();
            if (files.size() > MOST_FILES) {
                throw new RunbookException(Problem.of(
                        "TOO_MANY_FILES",
                        directory + " holds more than " + MOST_FILES + " YAML files.",
                        "Is it the right directory? Give the files that belong together."));
            }
            return files;
        } catch (IOException e) {
            throw new RunbookException(new Problem(
                    "FILE_UNREADABLE",
                    "The directory cannot be read: " + e.getClass().getSimpleName() + ".",
                    "May this user read it?",
                    Optional.of(new Problem.Position(directory.toString(), 1, 1)),
                    ""));
        }
    }

    private void add(SourceText source, boolean passOthers) {
        Consumer<Problem> told = problems::add;
        for (Document document : YamlReader.read(source, told)) {
            Findings findings = Findings.of(told);
            Fields fields = Fields.of(document, findings);
            String version = fields.at("apiVersion").text().orElse("");
            if (passOthers && !version.startsWith("muster/")) {
                continue;
            }
            int before = problems.size();
            switch (check(document, fields, told)) {
                case "System" ->
                    systems.add(new Read(
                            document, fields, findings, problems.size() == before ? SystemReader.read(fields) : null));
                case "Runbook" -> runbooks.add(new Read(document, fields, findings, null));
                // Schedules are checked alone here; ScheduleFiles finds what they start.
                default -> {}
            }
        }
    }

    /** Tells every problem of a document alone, and answers with its kind, empty if that is not known. */
    static String check(Document document, Fields fields, Consumer<Problem> told) {
        String version = fields.at("apiVersion").text().orElse("");
        String kind = fields.at("kind").text().orElse("");
        SchemaCheck schema = SCHEMAS.get(kind);
        if (schema == null || !version.equals(VERSION)) {
            refuseKind(document, fields, version, kind);
            return "";
        }
        schema.check(document, told);
        switch (kind) {
            case "System" -> SystemReader.check(fields);
            case "Runbook" -> RunbookReader.check(fields);
            default -> ScheduleReader.check(fields);
        }
        return kind;
    }

    private static void refuseKind(Document document, Fields fields, String version, String kind) {
        Set<String> kinds = new LinkedHashSet<>(List.of("System", "Runbook", "Schedule"));
        if (!document.json().isObject()) {
            fields.refuse(
                    "NOT_A_DOCUMENT",
                    "This is not a system, a runbook or a schedule.",
                    "A document starts with apiVersion: " + VERSION + " and kind: System, Runbook or Schedule.");
        } else if (!version.equals(VERSION)) {
            fields.at("apiVersion")
                    .refuse(
                            "UNKNOWN_VERSION",
                            version.isEmpty()
                                    ? "The document does not say which version it is of."
                                    : "The version '" + CommonFields.shortened(version) + "' is not known.",
                            "Write apiVersion: " + VERSION + ".");
        } else {
            fields.at("kind")
                    .refuse(
                            "UNKNOWN_KIND",
                            kind.isEmpty()
                                    ? "The document does not say of which kind it is."
                                    : "The kind '" + CommonFields.shortened(kind) + "' is not known.",
                            Nearest.hint("Known", kind, kinds));
        }
    }

    private Loaded finish() {
        duplicates(systems, "system");
        duplicates(runbooks, "runbook");
        Map<Read, Read> systemOf = new HashMap<>();
        for (Read runbook : runbooks) {
            systemFor(runbook).ifPresent(system -> {
                systemOf.put(runbook, system);
                if (system.system() != null) {
                    RunbookReader.check(runbook.fields(), system.system());
                }
            });
        }
        refuseIfAny(problems);
        return new Loaded(
                runbooks.stream()
                        .map(runbook -> loaded(runbook, systemOf.get(runbook)))
                        .toList(),
                systems.stream()
                        .flatMap(read -> Stream.ofNullable(read.system())
                                .map(system -> new LoadedSystem(
                                        system,
                                        read.document().source(),
                                        read.findings().warnings(),
                                        read.findings().hosts())))
                        .toList());
    }

    private static LoadedRunbook loaded(Read runbook, @Nullable Read system) {
        if (system == null || system.system() == null) {
            throw new IllegalStateException("A runbook without a system was not refused");
        }
        Runbook read = RunbookReader.read(runbook.fields());
        return new LoadedRunbook(
                ResolvedRunbook.of(read, system.system()),
                runbook.document().source(),
                system.document().source());
    }

    private void duplicates(List<Read> all, String what) {
        Map<String, Read> seen = new HashMap<>();
        for (Read each : all) {
            Read other = seen.putIfAbsent(each.name(), each);
            if (other != null && Name.possible(each.name())) {
                each.fields()
                        .at("metadata")
                        .at("name")
                        .refuse(
                                "DUPLICATE_NAME",
                                "The " + what + " '" + each.name() + "' is also at "
                                        + other.document().position("") + ".",
                                "Give only one of them.");
            }
        }
    }

    /** The system that a runbook is for; if there is none, the problem has been told. */
    private Optional<Read> systemFor(Read runbook) {
        Fields named = runbook.fields().at("spec").at("system");
        if (named.written()) {
            Set<String> names = new LinkedHashSet<>();
            systems.forEach(system -> names.add(system.name()));
            if (names.isEmpty() && named.text().isPresent()) {
                named.refuse(
                        "SYSTEM_MISSING",
                        "The system is in none of the given files.",
                        "Give its file too: --system FILE, or put it into this file after a line with ---.");
                return Optional.empty();
            }
            CommonFields.known(named, "system", names);
            return systems.stream()
                    .filter(system -> named.text().equals(Optional.of(system.name())))
                    .findFirst();
        }
        if (systems.size() == 1) {
            return Optional.of(systems.get(0));
        }
        runbook.fields()
                .at("spec")
                .refuse(
                        systems.isEmpty() ? "SYSTEM_MISSING" : "SYSTEM_AMBIGUOUS",
                        "The runbook names no system, and the given files hold " + systems.size() + ".",
                        systems.isEmpty()
                                ? "Give the system's file: --system FILE."
                                : "Write 'system', or give the file of one system.");
        return Optional.empty();
    }

    /** @throws RunbookException with all of them, in the order of files and lines */
    static void refuseIfAny(List<Problem> problems) {
        if (problems.isEmpty()) {
            return;
        }
        Function<Problem, Problem.Position> at = problem -> problem.position().orElse(new Problem.Position("", 0, 0));
        List<Problem> sorted = problems.stream()
                .distinct()
                .sorted(Comparator.comparing(at.andThen(Problem.Position::file))
                        .thenComparing(at.andThen(Problem.Position::line))
                        .thenComparing(at.andThen(Problem.Position::column)))
                .toList();
        if (sorted.size() > MOST_PROBLEMS) {
            Problem more = Problem.of(
                    "TOO_MANY_PROBLEMS",
                    sorted.size() - MOST_PROBLEMS + " further problems are not shown.",
                    "Mend these first.");
            sorted = Stream.concat(sorted.stream().limit(MOST_PROBLEMS), Stream.of(more))
                    .toList();
        }
        throw new RunbookException(REFUSED, sorted);
    }
}
