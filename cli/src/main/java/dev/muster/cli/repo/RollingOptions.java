package dev.muster.cli.repo;

import dev.muster.repository.Repository;
import dev.muster.repository.verification.Budget;
import dev.muster.repository.verification.VerificationReport;
import dev.muster.repository.verification.VerifiedObjects;
import dev.muster.repository.verification.VerifiedObjectsFile;
import dev.muster.repository.verification.Verifier;
import dev.muster.runbooks.Durations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A look at every byte that goes on the next day where it ended. */
final class RollingOptions {
    private static final String VERB = "repo verify";

    @Option(
            names = "--budget",
            paramLabel = "SIZE|DURATION",
            description = "With --level content: read so much, such as 10GB, or begin no object after so long, such as"
                    + " 30m; both may be given (default: all). Needs --state.")
    private List<String> budgets = List.of();

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "With --level content: where it is kept when each object was last found sound; one for each"
                    + " store. Missing, it is made.")
    private @Nullable Path state;

    /** Where they would mean nothing. */
    void refuse() {
        if (!budgets.isEmpty() || state != null) {
            throw Refusal.of("--budget and --state belong to --level content.", VERB);
        }
    }

    Budgeted read() {
        if (!budgets.isEmpty() && state == null) {
            throw Refusal.of("With --budget but without --state each look would begin anew: --state FILE.", VERB);
        }
        Path parent = state == null ? null : state.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw Refusal.of("The folder of --state, " + parent + ", does not exist.", VERB);
        }
        long bytes = Budget.UNLIMITED.bytes();
        Duration time = Budget.UNLIMITED.time();
        for (String text : budgets) {
            OptionalLong size = ByteCount.parse(text);
            Optional<Duration> duration = Durations.parse(text).filter(one -> !one.isZero() && !one.isNegative());
            if (duration.isEmpty() && size.isEmpty()) {
                throw Refusal.of("'" + text + "' is no budget; 10GB and 30m are some.", VERB);
            }
            bytes = duration.isPresent() ? bytes : Math.min(bytes, size.orElseThrow());
            time = duration.filter(one -> one.compareTo(Budget.UNLIMITED.time()) < 0)
                    .orElse(time);
        }
        return new Budgeted(new Budget(bytes, time), Optional.ofNullable(state));
    }

    /** @param state where it goes on; without it everything is looked at */
    record Budgeted(Budget budget, Optional<Path> state) {
        VerificationReport look(Verifier verifier, Repository repository) {
            return state.map(file -> look(verifier, repository, file)).orElseGet(() -> once(verifier, repository));
        }

        private VerificationReport look(Verifier verifier, Repository repository, Path file) {
            try (VerifiedObjects objects = VerifiedObjectsFile.open(file, repository)) {
                return verifier.verifyContent(objects, budget);
            }
        }

        private VerificationReport once(Verifier verifier, Repository repository) {
            try {
                Path folder = Files.createTempDirectory("muster-verify");
                try {
                    return look(verifier, repository, folder.resolve("state"));
                } finally {
                    try (var files = Files.list(folder)) {
                        for (Path file : files.toList()) {
                            Files.deleteIfExists(file);
                        }
                    }
                    Files.deleteIfExists(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot keep a file in " + System.getProperty("java.io.tmpdir"), e);
            }
        }
    }
}
