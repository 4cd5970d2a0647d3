package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.repository.BackupReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.retention.KeepMark;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.sources.filesystem.NativePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo show}. */
@Command(name = "show", description = "Shows a backup, or lists what is in it.", mixinStandardHelpOptions = true)
final class ShowRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Option(names = "--files", description = "A line, or with -o json a document, for each file, directory and link.")
    private boolean files;

    @Override
    public Integer call() {
        Output output = options.output(spec);
        try (Repository repository = options.open()) {
            BackupReader reader = repository.backup(source.source(), source.id(repository));
            if (files) {
                reader.entries(entry -> output.line(output.json() ? json(entry).toString() : line(entry)));
            } else {
                tell(
                        output,
                        reader.backup(),
                        new KeepMarks(repository, source.source())
                                .of(reader.backup().id()));
            }
        }
        return ExitCode.SUCCESS;
    }

    private static void tell(Output output, CommittedBackup backup, List<KeepMark> marks) {
        if (output.json()) {
            ObjectNode json = json(backup);
            ArrayNode array = json.putArray("marks");
            marks.forEach(mark -> array.add(KeepRepo.json(mark)));
            output.line(json.toString());
            return;
        }
        List<Map.Entry<String, String>> facts = facts(output, backup);
        for (KeepMark mark : marks) {
            String until = mark.until() == null ? "" : ", until " + mark.until();
            facts.add(Map.entry("Kept by", mark.by() + " since " + mark.time() + until + ": " + mark.why()));
        }
        output.facts(facts);
    }

    static ObjectNode json(CommittedBackup backup) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("source", backup.source())
                .put("backup", backup.id())
                .put("kind", backup.kind().label())
                .put("committed", backup.committed().toString());
        backup.parent().ifPresent(parent -> json.put("parent", parent));
        json.set("summary", backup.summary());
        return json;
    }

    private static ObjectNode json(Entry entry) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("type", entry.type().name().toLowerCase(Locale.ROOT))
                .put("path", NativePath.shown(entry.path()))
                .put("mode", String.format(Locale.ROOT, "%04o", entry.mode()))
                .put("size", entry.size());
        Entry.Owner owner = entry.owner();
        if (owner != null) {
            json.put("uid", Integer.toUnsignedLong(owner.uid())).put("gid", Integer.toUnsignedLong(owner.gid()));
        }
        Instant modified = entry.modified();
        if (modified != null) {
            json.put("modified", modified.toString());
        }
        entry.target().ifPresent(target -> json.put("target", target.toString()));
        return json;
    }

    private static String line(Entry entry) {
        char type = switch (entry.type()) {
            case FILE -> '-';
            case DIRECTORY -> 'd';
            case SYMLINK -> 'l';
        };
        return Printable.line(String.format(
                Locale.ROOT,
                "%c%04o %14d %-20s %s%s",
                type,
                entry.mode(),
                entry.size(),
                entry.modified() == null ? "-" : entry.modified().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                NativePath.shown(entry.path()),
                entry.target().map(target -> " -> " + target).orElse("")));
    }

    private static List<Map.Entry<String, String>> facts(Output output, CommittedBackup backup) {
        List<Map.Entry<String, String>> facts = new ArrayList<>();
        facts.add(Map.entry("Backup", backup.id()));
        facts.add(Map.entry("Source", backup.source()));
        facts.add(Map.entry("Kind", backup.kind().label()));
        facts.add(Map.entry("Against", backup.parent().orElse("")));
        facts.add(Map.entry("Committed", output.times().withAge(backup.committed())));
        add(facts, "", backup.summary());
        return facts;
    }

    /** What is inside another thing has both names; what is empty is left out. */
    private static void add(List<Map.Entry<String, String>> facts, String prefix, JsonNode document) {
        for (Map.Entry<String, JsonNode> field : document.properties()) {
            String name = prefix + field.getKey();
            JsonNode value = field.getValue();
            if (value.has("count") && value.has("names")) {
                facts.add(Map.entry(name, value.path("count").asLong() == 0 ? "" : names(value)));
            } else if (value.isObject()) {
                add(facts, name + ".", value);
            } else if (value.isArray()) {
                facts.add(Map.entry(name, list(value)));
            } else {
                facts.add(Map.entry(name, value.asText()));
            }
        }
    }

    private static String names(JsonNode named) {
        return named.path("count").asText() + ": " + list(named.path("names"));
    }

    private static String list(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return String.join(", ", texts);
    }
}
