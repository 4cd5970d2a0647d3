package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.repository.EntryPath;
import dev.muster.repository.Repository;
import dev.muster.repository.reading.Reading;
import dev.muster.sources.restore.RestoreSettings;
import dev.muster.sources.restore.TreeRestore;
import dev.muster.sources.restore.TreeRestoreResult;
import dev.muster.sources.streams.StreamRestore;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster repo restore}. */
@Command(
        name = "restore",
        description = {
            "Restores a tree, or parts of it, to a directory; or one file to standard output (--to -).",
            "A PostgreSQL cluster comes back with 'muster restore'."
        },
        mixinStandardHelpOptions = true)
final class RestoreRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private SourceOption source = new SourceOption();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "An empty or missing directory, or - for standard output.")
    private String to = "";

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description = "Only this and what is below it, relative to the root of the backup; several times.")
    private List<String> paths = List.of();

    @Option(
            names = "--overwrite",
            description = "The directory may hold files: what differs is replaced, what the backup lacks stays.")
    private boolean overwrite;

    @Option(names = "--no-owners", description = "Leave everything to this user (default where this is not root).")
    private boolean noOwners;

    @Option(names = "--setuid", description = "Bring setuid and setgid bits back; only as root.")
    private boolean setuid;

    @Override
    public Integer call() {
        List<EntryPath> only = paths.stream().map(RestoreRepo::path).toList();
        try (Repository repository = options.open()) {
            String id = source.id(repository);
            if (to.equals("-")) {
                return toStandardOutput(repository, id, only);
            }
            return toDirectory(repository, id, settings(only));
        }
    }

    private static EntryPath path(String text) {
        try {
            String stripped = text.startsWith("./") ? text.substring(2) : text;
            return EntryPath.of(stripped.endsWith("/") ? stripped.substring(0, stripped.length() - 1) : stripped);
        } catch (IllegalArgumentException e) {
            throw refused("'" + text + "' is no path in a backup: "
                    + (text.startsWith("/") ? "it must be relative to the root of the backup." : e.getMessage() + "."));
        }
    }

    private static CliException refused(String why) {
        return new CliException(
                "OPTIONS_REFUSED", why, "muster help repo restore says what each option takes.", ExitCode.BAD_INPUT);
    }

    private RestoreSettings settings(List<EntryPath> only) {
        boolean owners = RestoreSettings.isRoot() && !noOwners;
        if (setuid && !owners) {
            throw refused("Only root can bring setuid and setgid bits back, and together with owners");
        }
        RestoreSettings usual = RestoreSettings.into(Path.of(to));
        return new RestoreSettings(usual.target(), usual.workers(), overwrite, owners, setuid, only);
    }

    private int toStandardOutput(Repository repository, String id, List<EntryPath> only) {
        if (only.size() > 1) {
            throw refused("Only one file can go to standard output");
        }
        // The writer of results knows only text.
        try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 20);
                Reading reading = Reading.begin(repository, source.source(), id, "to standard output")) {
            StreamRestore.run(
                    repository.backup(source.source(), id), only.stream().findFirst(), out);
            return ExitCode.SUCCESS;
        } catch (IOException e) {
            throw new CliException(
                    "STREAM_BROKEN",
                    "Standard output cannot be written to its end: " + e.getMessage() + ".",
                    "Look at the program that reads it.",
                    ExitCode.FAILED,
                    List.of(),
                    e);
        }
    }

    private int toDirectory(Repository repository, String id, RestoreSettings settings) {
        Output output = options.output(spec);
        TreeRestoreResult result;
        try (ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            result = new TreeRestore(repository, source.source(), id, settings).run(line::files);
        }
        if (output.json()) {
            output.line(JsonNodeFactory.instance
                    .objectNode()
                    .put("backup", id)
                    .put("target", settings.target().toString())
                    .put("files", result.files())
                    .put("directories", result.directories())
                    .put("links", result.links())
                    .put("bytes", result.bytes())
                    .put("writtenFiles", result.writtenFiles())
                    .put("fetchedBytes", result.fetchedBytes())
                    .put("withoutSpecialBits", result.withoutSpecialBits().count())
                    .toString());
        } else {
            output.line("Restored backup " + id + " to " + settings.target() + ": "
                    + Amount.count(result.files(), "file", "files") + " with " + Amount.bytes(result.bytes()) + ", "
                    + result.writtenFiles() + " of them written, " + Amount.bytes(result.fetchedBytes())
                    + " from the store.");
        }
        if (result.withoutSpecialBits().count() > 0) {
            output.aside("Without setuid and setgid, which --setuid brings back as root: "
                    + result.withoutSpecialBits().some());
        }
        return ExitCode.SUCCESS;
    }
}
