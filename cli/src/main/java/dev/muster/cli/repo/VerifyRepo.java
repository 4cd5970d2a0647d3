package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Verification;
import dev.muster.repository.verification.Level;
import dev.muster.repository.verification.LevelResult;
import dev.muster.repository.verification.Problem;
import dev.muster.repository.verification.VerificationReport;
import dev.muster.repository.verification.Verifier;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo verify}. */
@Command(
        name = "verify",
        description = {
            "Reads everything that a backup needs from the store, and checks every byte of it.",
            "With --level: looks at all that the repository holds, as deep as asked. Exit code 1 if something is wrong."
        },
        mixinStandardHelpOptions = true)
final class VerifyRepo implements Callable<Integer> {
    private static final String VERB = "repo verify";
    private static final String LATEST = "latest";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "Whose backup. With --level listing and indexes: only of this source (default: of all).")
    private @Nullable String source;

    @Option(names = "--backup", paramLabel = "ID", description = "Without --level: which one (default: latest).")
    private @Nullable String backup;

    @Option(
            names = "--level",
            paramLabel = "listing|indexes|content",
            description = "listing: all that is named is there. indexes: and the index of each pack and WAL object says"
                    + " what it should. content: every byte of every object.")
    private @Nullable String level;

    @Mixin
    private RollingOptions rolling = new RollingOptions();

    @Option(
            names = "--threads",
            paramLabel = "NUMBER",
            defaultValue = "2",
            description = "How many read at once (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Override
    public Integer call() {
        if (threads < 1 || threads > 64) {
            throw Refusal.of("--threads is 1 to 64, not " + threads + ".", VERB);
        }
        if (level == null) {
            return oneBackup();
        }
        Level depth = depth(level);
        if (backup != null || (depth == Level.CONTENT && source != null)) {
            throw Refusal.of(
                    backup != null
                            ? "--level looks at all backups; --backup is for a look at one."
                            : "--level content takes what was not looked at for longest, of whatever source.",
                    VERB);
        }
        if (depth != Level.CONTENT) {
            rolling.refuse();
        }
        RollingOptions.Budgeted budgeted = rolling.read();
        try (Repository repository = options.open()) {
            Verifier verifier = new Verifier(repository, Clock.systemUTC(), threads);
            return tell(
                    depth == Level.CONTENT
                            ? budgeted.look(verifier, repository)
                            : verifier.verify(depth, sources(repository, verifier)));
        }
    }

    private static Level depth(String text) {
        return switch (text) {
            case "listing" -> Level.LISTING;
            case "indexes" -> Level.INDEXES;
            case "content" -> Level.CONTENT;
            default -> throw Refusal.of("--level is listing, indexes or content, not '" + text + "'.", VERB);
        };
    }

    private Collection<String> sources(Repository repository, Verifier verifier) {
        if (source == null) {
            return verifier.sources();
        }
        if (!verifier.sources().contains(source)) {
            throw none(repository, source);
        }
        return List.of(source);
    }

    private static CliException none(Repository repository, String source) {
        return new CliException(
                "BACKUP_UNKNOWN",
                "There is no committed backup of " + source + " in "
                        + repository.store().url() + ".",
                "muster repo list shows which sources have some.",
                ExitCode.BAD_INPUT);
    }

    private int tell(VerificationReport report) {
        Output output = options.output(spec);
        if (output.json()) {
            output.line(report.toJson().toString());
        }
        for (LevelResult result : report.levels()) {
            if (!output.json()) {
                output.line(line(result, output));
            }
            for (Problem problem : result.problems()) {
                output.aside(Printable.line(problem.code() + ": " + problem.object() + ": " + problem.message()
                        + " Hint: " + problem.hint()));
            }
        }
        return report.sound() ? ExitCode.SUCCESS : ExitCode.FAILED;
    }

    private static String line(LevelResult result, Output output) {
        String looked = result.level() == Level.CONTENT
                ? Amount.count(result.objects(), "object", "objects") + " with " + Amount.bytes(result.bytes())
                        + " read and checked"
                : Amount.count(result.backups(), "backup", "backups") + ", "
                        + Amount.count(result.objects(), "object", "objects") + " looked at";
        String coverage = result.coverage()
                .map(found -> (found.never() == 0
                                ? "; each object in the store was found sound, the one of the oldest look "
                                : "; of " + Amount.count(found.objects(), "object", "objects") + " in the store "
                                        + found.never() + " were never found sound, of the others the oldest look was ")
                        + found.oldest().map(output.times()::withAge).orElse("never"))
                .orElse("");
        return (result.sound() ? "Sound" : "NOT SOUND") + " (" + result.level().label() + "): " + looked
                + (result.complete() ? "" : ", as far as the budget went") + coverage + "."
                + (result.sound() ? "" : " " + Amount.count(result.problemCount(), "problem", "problems") + ".");
    }

    private int oneBackup() {
        rolling.refuse();
        if (source == null) {
            throw Refusal.of("Of which source? --source NAME; or --level listing for the whole repository.", VERB);
        }
        Output output = options.output(spec);
        try (Repository repository = options.open()) {
            String id = id(repository, source);
            Verification found = repository.verify(source, id, threads);
            if (output.json()) {
                output.line(json(id, found).toString());
            } else {
                output.line((found.sound() ? "Sound: " : "NOT SOUND: ") + "backup " + id + ", "
                        + Amount.count(found.files(), "file", "files") + ", "
                        + Amount.count(found.frames(), "frame", "frames") + " with " + Amount.bytes(found.bytes())
                        + " read and checked.");
            }
            for (RepositoryException problem : found.problems()) {
                output.aside(problem.code() + ": " + problem.getMessage() + " Hint: " + problem.hint());
            }
            return found.sound() ? ExitCode.SUCCESS : ExitCode.FAILED;
        }
    }

    private String id(Repository repository, String of) {
        if (backup != null && !backup.equals(LATEST)) {
            return backup;
        }
        List<CommittedBackup> all = repository.backups(of);
        Optional<CommittedBackup> newest = all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
        return newest.orElseThrow(() -> none(repository, of)).id();
    }

    private static ObjectNode json(String id, Verification found) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("backup", id)
                .put("sound", found.sound())
                .put("files", found.files())
                .put("packs", found.packs())
                .put("frames", found.frames())
                .put("bytes", found.bytes());
        ArrayNode problems = json.putArray("problems");
        found.problems()
                .forEach(problem -> problems.addObject()
                        .put("code", problem.code())
                        .put("message", problem.getMessage())
                        .put("hint", problem.hint()));
        return json;
    }
}
