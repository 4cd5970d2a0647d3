package dev.muster.worker;

import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.activities.authority.DurableFile;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.WalReceiver;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done when the server no longer has WAL that the store lacks: nothing can bring it back, and until a new full
 * backup is taken nothing after the gap can be recovered. So that is asked for first, durably; then the gap is accepted.
 * One step at a time, each harmless when it is done again by the next process.
 */
final class SlotLoss {
    private static final Logger log = LoggerFactory.getLogger(SlotLoss.class);
    private static final String LOST = "SLOT_LOST";

    /** The receiver, as far as it matters here. */
    interface Receiving {
        WalReceiver.Status status();

        /** Whether it goes on with the server's oldest WAL when some was lost. */
        boolean acceptsGaps();

        /** Starts to receive anew. */
        void restart(boolean acceptGaps);
    }

    /** Asks for a full backup; the same run's id starts one run only. */
    interface NewBackup {
        void request(String runId);
    }

    private final String database;
    private final Receiving receiving;
    private final NewBackup backup;
    private final Path pending;
    private final Counter losses;
    private boolean told;

    /**
     * @param database for people
     * @param pending the file that holds the id of the run that is asked for
     * @param losses counts them
     */
    SlotLoss(String database, Receiving receiving, NewBackup backup, Path pending, Counter losses) {
        this.database = database;
        this.receiving = receiving;
        this.backup = backup;
        this.pending = pending;
        this.losses = losses;
    }

    /** Looks, and does the next thing that there is to do. Never throws. */
    void look() {
        try {
            WalReceiver.Status status = receiving.status();
            if (isLost(status) && !receiving.acceptsGaps()) {
                accept(status);
            } else if (status.state() == WalReceiver.State.STREAMING) {
                if (!receiving.acceptsGaps()) {
                    request();
                } else if (status.durable().isAfter(Lsn.INVALID)) {
                    // The next loss must be seen, not skipped.
                    receiving.restart(false);
                }
            }
        } catch (RuntimeException e) {
            if (!told) {
                log.warn("The loss of WAL of {} is not answered yet; it is tried again", database, e);
            }
            told = true;
        }
    }

    private static boolean isLost(WalReceiver.Status status) {
        return status.state() == WalReceiver.State.BROKEN
                && status.lastError().filter(error -> error.code().equals(LOST)).isPresent();
    }

    private void accept(WalReceiver.Status status) {
        if (pendingRun().isEmpty()) {
            String runId = UlidCreator.getUlid().toString();
            DurableFile.write(pending, runId + "\n");
            losses.increment();
            log.warn(
                    "{}: the server has lost WAL of {} that the store lacks: {}. The gap is accepted, and a full backup is"
                            + " asked for as the run {}. Until it is taken, nothing after the gap can be recovered.",
                    LOST,
                    database,
                    status.lastError().map(WalReceiver.Failure::message).orElse(""),
                    runId);
        }
        receiving.restart(true);
    }

    /** Only while WAL comes: without it no backup can be committed. */
    private void request() {
        Optional<String> runId = pendingRun();
        if (runId.isPresent()) {
            backup.request(runId.get());
            forget();
            told = false;
            log.info("The full backup of {} after the loss of WAL is under way as the run {}", database, runId.get());
        }
    }

    private Optional<String> pendingRun() {
        try {
            return Optional.of(Files.readString(pending, StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + pending, e);
        }
    }

    private void forget() {
        try {
            Files.deleteIfExists(pending);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + pending, e);
        }
    }
}
