package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.opening.RepoOptions;
import dev.muster.cli.output.Output;
import dev.muster.repository.Repository;
import dev.muster.repository.retention.KeepMark;
import dev.muster.repository.retention.KeepMarks;
import dev.muster.runbooks.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code muster repo keep}. */
@Command(
        name = "keep",
        description =
                "Marks a backup: no expiry takes it, whatever the rules say, until the mark ends or is taken away.",
        mixinStandardHelpOptions = true)
final class KeepRepo implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RepoOptions options = new RepoOptions();

    @Parameters(index = "0", paramLabel = "BACKUP", description = "Its id, as 'repo list' shows it.")
    private String backup = "";

    @Option(names = "--source", required = true, paramLabel = "NAME", description = "Whose backup.")
    private String source = "";

    @Option(names = "--why", required = true, paramLabel = "TEXT", description = "For those who wonder later.")
    private String why = "";

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "2030-01-01 (UTC), a time with its zone, or a duration from now, such as 365d (default: until"
                    + " it is taken away).")
    private @Nullable String until;

    @Override
    public Integer call() {
        Optional<Instant> end = Optional.ofNullable(until).map(KeepRepo::time);
        KeepMark mark;
        try (Repository repository = options.open()) {
            mark = new KeepMarks(repository, source).keep(backup, Writer.person(), why, end);
        }
        Output output = options.output(spec);
        if (output.json()) {
            output.line(json(mark).toString());
        } else {
            output.line("Kept: backup " + backup + " of " + source
                    + Optional.ofNullable(mark.until())
                            .map(time -> ", until " + time)
                            .orElse("") + ". Mark "
                    + mark.mark() + ".");
        }
        return ExitCode.SUCCESS;
    }

    static ObjectNode json(KeepMark mark) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("source", mark.source())
                .put("backup", mark.backup())
                .put("mark", mark.mark())
                .put("by", mark.by())
                .put("why", mark.why())
                .put("time", mark.time());
        String end = mark.until();
        return end == null ? json : json.put("until", end);
    }

    private static Instant time(String text) {
        Optional<Duration> duration = Durations.parse(text);
        if (duration.isPresent()) {
            return Instant.now().plus(duration.get()).truncatedTo(ChronoUnit.SECONDS);
        }
        try {
            return text.length() == "2030-01-01".length()
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw Refusal.of(
                    "--until '" + text + "' is no time; 2030-01-01, 2030-01-01T12:00:00+01:00 and 365d are some.",
                    "repo keep");
        }
    }
}
