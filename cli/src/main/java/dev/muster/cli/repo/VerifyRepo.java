package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Output;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Verification;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo verify}. */
@Command(
        name = "verify",
        description = "Reads everything that a backup needs from the store, and checks every byte of it.",
        mixinStandardHelpOptions = true)
final class VerifyRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Option(
            names = "--threads",
            paramLabel = "NUMBER",
            defaultValue = "2",
            description = "How many read at once (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Override
    public Integer call() {
        Output output = options.output(spec);
        try (Repository repository = options.open()) {
            String id = source.id(repository);
            Verification found = repository.verify(source.source(), id, Math.max(1, Math.min(64, threads)));
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
