package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.EntryPath;
import dev.muster.repository.Repository;
import dev.muster.sources.files.FileBackup;
import dev.muster.sources.files.FileBackupResult;
import dev.muster.sources.streams.StreamBackup;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster repo backup}. */
@Command(
        name = "backup",
        description = "Takes a backup of a directory tree, of standard input, or of a PostgreSQL cluster on this host.",
        mixinStandardHelpOptions = true)
final class BackupRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Mixin
    private RuleOptions rules = new RuleOptions();

    @Parameters(
            index = "0",
            paramLabel = "WHAT",
            description = "files:DIR, stdin:NAME or postgres:CONNINFO, such as postgres:postgresql://backup@127.0.0.1/")
    private String what = "";

    @Option(
            names = "--source",
            required = true,
            paramLabel = "NAME",
            description = "Its name in the repository: a-z, 0-9 and -. One name for one thing, for ever.")
    private String source = "";

    @Option(
            names = "--level",
            paramLabel = "NUMBER",
            defaultValue = "3",
            description = "Of zstd, 1 to 19 (default: ${DEFAULT-VALUE}).")
    private int level = BackupRequest.DEFAULT_LEVEL;

    @Option(names = "--workers", paramLabel = "NUMBER", description = "How many read at once (default: the cores).")
    private @Nullable Integer workers;

    @Option(names = "--full", description = "files: read and store everything again.")
    private boolean full;

    @Option(names = "--one-file-system", description = "files: leave out what is mounted below.")
    private boolean oneFileSystem;

    @Option(names = "--allow-unreadable", description = "files: go on without what cannot be read, and name it.")
    private boolean allowUnreadable;

    @Option(names = "--allow-empty", description = "stdin: a stream without a byte is right, too.")
    private boolean allowEmpty;

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() {
        int colon = what.indexOf(':');
        String kind = colon < 0 ? "" : what.substring(0, colon);
        String rest = what.substring(colon + 1);
        checkNumbers();
        return switch (kind) {
            case "files" -> {
                postgres.refuse(what);
                refuse(allowEmpty, "--allow-empty");
                yield files(Path.of(rest));
            }
            case "stdin" -> {
                postgres.refuse(what);
                refuseTreeOptions();
                yield stream(rest, System.in);
            }
            case "postgres" -> {
                refuseTreeOptions();
                refuse(allowEmpty, "--allow-empty");
                yield postgres(rest);
            }
            default ->
                throw refused("'" + what + "' is neither files:DIR nor stdin:NAME nor postgres:CONNINFO."
                        + (what.startsWith("/") ? " For a directory: files:" + what + "." : ""));
        };
    }

    private void checkNumbers() {
        if (level < 1 || level > 19 || workers() < 1 || workers() > 64) {
            throw refused("The level is 1 to 19, and there are 1 to 64 workers.");
        }
    }

    private void refuseTreeOptions() {
        refuse(full, "--full");
        refuse(oneFileSystem, "--one-file-system");
        refuse(allowUnreadable, "--allow-unreadable");
        refuse(rules.given(), "--include, --exclude, --rules and --with-secrets");
    }

    private void refuse(boolean given, String option) {
        if (given) {
            throw refused(option + " means nothing for '" + what + "'.");
        }
    }

    static CliException refused(String why) {
        return Refusal.of(why, "repo backup");
    }

    private int workers() {
        return workers == null ? Math.min(8, Runtime.getRuntime().availableProcessors()) : workers;
    }

    private int files(Path root) {
        FileBackup.Settings settings = new FileBackup.Settings(
                root, Writer.here(), workers(), level, rules.rules(), oneFileSystem, allowUnreadable, full);
        FileBackupResult result;
        try (Repository repository = options.open();
                ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            result = new FileBackup(repository, source, settings, Clock.systemUTC()).run(line::files);
        }
        Output output = options.output(spec);
        if (output.json()) {
            ObjectNode json = result.numbers().put("source", source).put("backup", result.backupId());
            result.parent().ifPresent(parent -> json.put("parent", parent));
            output.line(json.put("storedBytes", result.storedBytes()).toString());
        } else {
            output.line("Backup " + result.backupId() + " of " + source + ": "
                    + Amount.count(result.files(), "file", "files") + " with " + Amount.bytes(result.bytes()) + ", "
                    + result.unchangedFiles() + " unchanged, " + Amount.bytes(result.readBytes()) + " read, "
                    + Amount.bytes(result.storedBytes()) + " stored.");
            Specials.of(result).forEach(output::aside);
        }
        return ExitCode.SUCCESS;
    }

    private int stream(String name, InputStream in) {
        EntryPath path;
        try {
            path = EntryPath.of(name);
        } catch (IllegalArgumentException e) {
            throw refused("'" + name + "' is no name for a stream: " + e.getMessage());
        }
        StreamBackup.Result result;
        try (Repository repository = options.open();
                ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            StreamBackup.Settings settings = new StreamBackup.Settings(path, Writer.here(), level, allowEmpty);
            result = new StreamBackup(repository, source, settings, Clock.systemUTC()).run(in, line::stream);
        }
        Output output = options.output(spec);
        if (output.json()) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("source", source)
                    .put("backup", result.backupId())
                    .put("bytes", result.bytes())
                    .put("knownBytes", result.knownBytes())
                    .put("storedBytes", result.storedBytes());
            result.parent().ifPresent(parent -> json.put("parent", parent));
            output.line(json.toString());
        } else {
            output.line("Backup " + result.backupId() + " of " + source + ": " + Amount.bytes(result.bytes())
                    + ", " + Amount.bytes(result.knownBytes()) + " of them in the backup before, "
                    + Amount.bytes(result.storedBytes()) + " stored.");
        }
        return ExitCode.SUCCESS;
    }

    private int postgres(String conninfo) {
        PhysicalBackup.Settings usual = PhysicalBackup.Settings.defaults(postgres.dataDirectory(), Writer.here());
        PhysicalBackup.Settings settings = new PhysicalBackup.Settings(
                usual.dataDirectory(),
                usual.writer(),
                workers(),
                level,
                usual.badPages(),
                usual.walLimit(),
                postgres.backup());
        boolean receivesWal = postgres.receivesWal();
        PostgresAddress address = PostgresAddress.parse(conninfo, System.getenv());
        Output output = options.output(spec);
        try (Repository repository = options.open();
                ProgressLine line = new ProgressLine(spec.commandLine().getErr())) {
            return new PostgresBackup(
                            repository, source, address, spec.commandLine().getErr())
                    .run(settings, receivesWal, line, output);
        }
    }
}
