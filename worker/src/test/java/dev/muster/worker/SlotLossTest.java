package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.WalReceiver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done about WAL that a server has lost, step by step, by processes that may die between any two. */
class SlotLossTest {
    @TempDir
    private Path folder;

    private final Receiver receiver = new Receiver();
    private final List<String> requests = new ArrayList<>();
    private final Counter losses = new SimpleMeterRegistry().counter("losses");
    private boolean temporalIsDown;

    /** A receiver that is in the state that a test gives it. */
    private static final class Receiver implements SlotLoss.Receiving {
        WalReceiver.Status status = Receiver.of(WalReceiver.State.STREAMING, "", 1);
        boolean accepts;
        int restarts;

        static WalReceiver.Status of(WalReceiver.State state, String error, long durable) {
            return new WalReceiver.Status(
                    state,
                    Optional.empty(),
                    1,
                    new Lsn(durable),
                    new Lsn(durable),
                    new Lsn(durable),
                    Optional.empty(),
                    Optional.empty(),
                    error.isEmpty()
                            ? Optional.empty()
                            : Optional.of(new WalReceiver.Failure(error, "it is gone", "hint", Instant.EPOCH)));
        }

        @Override
        public WalReceiver.Status status() {
            return status;
        }

        @Override
        public boolean acceptsGaps() {
            return accepts;
        }

        @Override
        public void restart(boolean acceptGaps) {
            accepts = acceptGaps;
            restarts++;
        }
    }

    /** As one process has it. */
    private SlotLoss process() {
        return new SlotLoss(
                "orders/main",
                receiver,
                runId -> {
                    if (temporalIsDown) {
                        throw new IllegalStateException("Temporal is away");
                    }
                    requests.add(runId);
                },
                folder.resolve("orders.main"),
                losses);
    }

    private void lost() {
        receiver.status = Receiver.of(WalReceiver.State.BROKEN, "SLOT_LOST", 0);
    }

    private void streaming(long durable) {
        receiver.status = Receiver.of(WalReceiver.State.STREAMING, "SLOT_LOST", durable);
    }

    @Test
    @DisplayName("PostgreSQL recovery 11: a lost slot is answered by one full backup, and the next loss is seen again")
    void aLossIsAcceptedOnceAndAnsweredByOneBackup() {
        SlotLoss loss = process();
        loss.look();
        assertThat(receiver.restarts).isZero();
        lost();
        loss.look();
        assertThat(receiver.accepts).isTrue();
        assertThat(requests).as("no backup can be committed while no WAL comes").isEmpty();
        streaming(0);
        loss.look();
        assertThat(receiver.accepts).as("nothing beyond the gap is stored yet").isTrue();
        streaming(1);
        loss.look();
        assertThat(receiver.accepts).isFalse();
        loss.look();
        loss.look();
        assertThat(requests).hasSize(1);
        assertThat(losses.count()).isEqualTo(1);

        lost();
        loss.look();
        streaming(1);
        loss.look();
        loss.look();
        assertThat(requests).hasSize(2).doesNotHaveDuplicates();
        assertThat(losses.count()).isEqualTo(2);
    }

    @Test
    void aProcessThatDiesInBetweenIsContinuedByTheNextWithTheSameRun() throws Exception {
        lost();
        process().look();
        String runId = Files.readString(folder.resolve("orders.main")).strip();
        // The next process receives without accepting gaps, and meets the same loss if nothing was stored meanwhile.
        receiver.accepts = false;
        process().look();
        assertThat(receiver.accepts).isTrue();
        assertThat(losses.count()).as("one loss").isEqualTo(1);
        receiver.accepts = false;
        streaming(1);
        process().look();
        assertThat(requests).containsExactly(runId);
        process().look();
        assertThat(requests).hasSize(1);
    }

    @Test
    void theBackupIsAskedForUntilTemporalIsBack() {
        SlotLoss loss = process();
        lost();
        loss.look();
        receiver.accepts = false;
        streaming(1);
        temporalIsDown = true;
        loss.look();
        loss.look();
        assertThat(requests).isEmpty();
        temporalIsDown = false;
        loss.look();
        assertThat(requests).hasSize(1);
    }

    @Test
    void otherTroubleIsNotTakenForALoss() {
        SlotLoss loss = process();
        receiver.status = Receiver.of(WalReceiver.State.BROKEN, "WAL_CONFLICT", 1);
        loss.look();
        receiver.status = Receiver.of(WalReceiver.State.RETRYING, "SLOT_LOST", 1);
        loss.look();
        assertThat(receiver.restarts).isZero();
        assertThat(folder.resolve("orders.main")).doesNotExist();
    }
}
