package dev.muster.activities.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The plans that this host admitted, on its disk by hash, and when. A step reads what to do from here, never from its
 * arguments.
 */
public final class AdmittedPlans {
    private final Path folder;

    /**
     * What was admitted.
     *
     * @param json the plan's stored bytes as text, not yet verified against the hash again
     * @param at when; an approval has to be valid then, not still when a long step ends
     * @param epoch that the run showed then; no step of it may show another one
     * @param ended whether the run's last step was done
     */
    record Admitted(String json, Instant at, long epoch, boolean ended) {}

    public AdmittedPlans(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + folder, e);
        }
    }

    /** Keeps the plan durably. The caller has verified it. An earlier admission of the same plan and run stays. */
    void keep(String runId, String hash, String json, Instant at, long epoch) {
        if (find(runId, hash).isPresent()) {
            return;
        }
        DurableFile.write(plan(runId, hash), json);
        // Last: its presence is the admission.
        DurableFile.write(admission(runId, hash), at + " " + epoch + "\n");
    }

    /** Remembers durably that nothing of the run is left to do here. */
    void end(String runId, String hash, Instant at) {
        DurableFile.write(end(runId, hash), at + "\n");
    }

    Optional<Admitted> find(String runId, String hash) {
        try {
            String[] admission = Files.readString(admission(runId, hash), StandardCharsets.UTF_8)
                    .strip()
                    .split(" ", -1);
            if (admission.length != 2) {
                throw new NumberFormatException("no epoch");
            }
            return Optional.of(new Admitted(
                    Files.readString(plan(runId, hash), StandardCharsets.UTF_8),
                    Instant.parse(admission[0]),
                    Long.parseLong(admission[1]),
                    Files.exists(end(runId, hash))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | DateTimeParseException | NumberFormatException e) {
            throw new IllegalStateException("Cannot read the admitted plan " + hash + " in " + folder, e);
        }
    }

    private Path plan(String runId, String hash) {
        return folder.resolve(name(runId, hash) + ".json");
    }

    private Path admission(String runId, String hash) {
        return folder.resolve(name(runId, hash) + ".admitted");
    }

    private Path end(String runId, String hash) {
        return folder.resolve(name(runId, hash) + ".ended");
    }

    private static String name(String runId, String hash) {
        if (!hash.matches("[0-9a-f]{64}") || !runId.matches("[0-9A-Z]{26}")) {
            throw new AuthorityRefusedException(
                    "PLAN_ALTERED",
                    "Not a run's id and a plan's hash: " + runId + ", " + hash,
                    "The step was not made by one of our workflows.");
        }
        return runId + "-" + hash;
    }
}
